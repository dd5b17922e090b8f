package inkling.tokenizer.gguf;

import inkling.errors.ModelFormatException;
import inkling.io.gguf.GgufValue;
import inkling.tokenizer.SpecialIds;
import inkling.tokenizer.Tokenizer;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * A tokenizer in the form of metadata keys of a GGUF file. From the keys {@code tokenizer.ggml.*}, llama.cpp makes its own tokenizer. One
 * further key has the whole tokenizer.json.
 *
 * @param keys each key and its value, in the order of writing
 * @param remarks sentences for users that tell what llama.cpp does differently from the tokenizer
 * @param likePhi3 whether llama.cpp must find "phi-3" in the model's name ({@code general.name}) to give the same ids
 */
public record GgufVocabulary(Map<String, GgufValue> keys, List<String> remarks, boolean likePhi3) {
    public GgufVocabulary {
        keys = Collections.unmodifiableMap(new LinkedHashMap<>(keys));
        remarks = List.copyOf(remarks);
    }

    /**
     * The keys of a tokenizer.
     *
     * @param document the whole tokenizer.json, UTF-8
     * @param special which ids begin and end a text
     * @param padding the id that fills up short rows in training, if there is one
     * @param rows the number of rows of the embedding. A row without a token, e.g. row 7, gets the name {@code [PAD7]} and the type unused
     * @throws ModelFormatException naming what llama.cpp's keys cannot express
     */
    public static GgufVocabulary of(Tokenizer tokenizer, byte[] document, SpecialIds special, OptionalInt padding, int rows) {
        return GgufVocabularyWriter.write(tokenizer, document, special, padding, rows);
    }
}
