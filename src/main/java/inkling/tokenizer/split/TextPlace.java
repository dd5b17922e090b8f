package inkling.tokenizer.split;

/** Where a stretch of text lies within the whole text. Some tokenizers put a blank before a text, or before each stretch of it. */
public enum TextPlace {
    /** At the beginning of the text. */
    START,
    /** After an added token, or after a piece that an earlier stage of the split has cut off. */
    LATER,
    /**
     * In the middle of a text whose earlier part is already encoded or decoded. No blank is put before the stretch, and none is removed
     * from its beginning when its ids are decoded.
     */
    WITHIN
}
