package inkling.tokenizer.huggingface;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import inkling.errors.ModelFormatException;
import inkling.io.json.JsonFields;
import inkling.io.json.StrictJson.ValueReader;
import inkling.tokenizer.bpe.MergeList;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The vocabulary and the merges of a tokenizer.json, or of vocab.json and merges.txt. JSON is read straight from the parser: as a tree, a
 * vocabulary of 262,144 tokens would take more time and memory than everything else.
 */
final class TokenTables {
    private static final String VOCAB = "vocab";
    private static final String MERGES = "merges";

    private final String source;
    private final Map<String, Integer> vocabulary = new LinkedHashMap<>();
    private final MergeList merges;

    /** @param source the document, for messages */
    TokenTables(String source) {
        this.source = source;
        merges = new MergeList(source, vocabulary);
    }

    /** The readers of vocabulary and merges, by the JSON pointer of the field that each reads. */
    Map<String, ValueReader> readers() {
        return Map.of("/model/" + VOCAB, this::readVocabulary, "/model/" + MERGES, this::readMerges);
    }

    /** Reads the tokens. Returns the entries whose value is no id; {@link #vocabulary} then refuses them. */
    JsonNode readVocabulary(JsonParser parser) throws IOException {
        if (!parser.isExpectedStartObjectToken()) {
            return parser.readValueAsTree();
        }
        ObjectNode others = JsonNodeFactory.instance.objectNode();
        for (String token = parser.nextFieldName(); token != null; token = parser.nextFieldName()) {
            if (parser.nextToken() == JsonToken.VALUE_NUMBER_INT && parser.getNumberType() == JsonParser.NumberType.INT) {
                vocabulary.put(token, parser.getIntValue());
            } else {
                others.set(token, parser.readValueAsTree());
            }
        }
        return others;
    }

    /** Reads the merges. If they come before the vocabulary, they are returned as a tree, for {@link #mergesOf}. */
    private JsonNode readMerges(JsonParser parser) throws IOException {
        if (vocabulary.isEmpty() || !parser.isExpectedStartArrayToken()) {
            return parser.readValueAsTree();
        }
        int depth = parser.getParsingContext().getNestingDepth();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            if (!readMerge(parser)) {
                merges.refuse(new ModelFormatException("%s: merge %d is neither \"a b\" nor [\"a\", \"b\"]."
                    .formatted(source, merges.size())));
                while (parser.getParsingContext().getNestingDepth() > depth) {
                    parser.nextToken();
                }
            }
        }
        return JsonNodeFactory.instance.arrayNode();
    }

    /** Reads one merge. False if it is neither a string nor a list of two strings. */
    private boolean readMerge(JsonParser parser) throws IOException {
        if (parser.hasToken(JsonToken.VALUE_STRING)) {
            add(source, parser.getText());
            return true;
        }
        if (!parser.isExpectedStartArrayToken()) {
            return false;
        }
        String left = parser.nextTextValue();
        String right = left == null ? null : parser.nextTextValue();
        if (right == null || parser.nextToken() != JsonToken.END_ARRAY) {
            return false;
        }
        merges.add(left, right);
        return true;
    }

    /** Adds a merge that is written as two tokens with a space between them: {@code "Ġ t"} is {@code "Ġ"} and {@code "t"}. */
    void add(String where, String written) {
        int blank = written.indexOf(' ');
        if (blank <= 0 || blank == written.length() - 1 || written.indexOf(' ', blank + 1) >= 0) {
            merges.refuse(new ModelFormatException("%s: merge %d is \"%s\", expected two tokens with a space between."
                .formatted(where, merges.size(), written)));
            return;
        }
        merges.add(written.substring(0, blank), written.substring(blank + 1));
    }

    /**
     * Token to id, in the order of the document.
     *
     * @param others the result of {@link #readVocabulary}
     * @throws ModelFormatException if the value of an entry is no id, or there are no tokens
     */
    Map<String, Integer> vocabulary(JsonFields others) {
        others.names().forEach(others::requireInt);
        if (vocabulary.isEmpty()) {
            throw new ModelFormatException(others.source() + ": the vocabulary is empty.");
        }
        return vocabulary;
    }

    /** As {@link #vocabulary(JsonFields)}, for the object {@code model} of the document. */
    Map<String, Integer> vocabularyOf(JsonFields model) {
        return vocabulary(model.requireObject(VOCAB));
    }

    /** The merges of the object {@code model} of the document. {@link MergeList#all} reports their faults. */
    MergeList mergesOf(JsonFields model) {
        if (!model.requireArray(MERGES).isEmpty()) {
            try (JsonParser parser = model.node().get(MERGES).traverse()) {
                parser.nextToken();
                readMerges(parser);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return merges;
    }

    /** The merges that were read or added. {@link MergeList#all} reports their faults. */
    MergeList merges() {
        return merges;
    }
}
