package inkling.tokenizer.split;

/** Where a stretch of text that is to be encoded lies: some tokenizers put a blank before a text, or before each stretch of it. */
public enum TextPlace {
    /** Where the text begins. */
    START,
    /** Behind an added token. */
    LATER,
    /** Where a text goes on whose earlier part is encoded already. */
    WITHIN
}
