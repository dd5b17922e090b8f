package inkling.io.json;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Map;

/**
 * Makes the nodes of one document in little memory. A tokenizer.json lists each of its tokens once, and then in some merges, each an
 * array of two: here equal strings share one node, and arrays begin with room for two.
 */
final class LeanNodes extends JsonNodeFactory {
    private static final long serialVersionUID = 1;
    private static final int LONGEST_SHARED = 64;

    private final transient Map<String, TextNode> texts = new HashMap<>();

    @Override
    public TextNode textNode(String text) {
        return text == null || text.length() > LONGEST_SHARED ? super.textNode(text) : texts.computeIfAbsent(text, super::textNode);
    }

    @Override
    public ArrayNode arrayNode() {
        return new ArrayNode(this, new ArrayList<>(2));
    }
}
