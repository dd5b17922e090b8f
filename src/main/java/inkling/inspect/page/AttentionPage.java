package inkling.inspect.page;

import inkling.inspect.AttentionMap;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/** An {@link AttentionMap} as a page: small maps of all heads, a large map of one head, and the prompt shaded by a token's attention. */
public final class AttentionPage {
    private static final int WEIGHT_STEPS = 65_535;       // the page's number for a weight of 1; finer than a picture can show

    private AttentionPage() {}

    /**
     * The page, as text; to be written in UTF-8.
     *
     * @param model the model's name, plain text
     * @param layer the layer of the head that is shown large at first, from 1
     * @param head the head that is shown large at first, from 1. If layer or head is empty, {@link AttentionMap#clearest} chooses
     */
    public static String html(String model, AttentionMap map, OptionalInt layer, OptionalInt head) {
        return new HtmlPage("Attention in the model " + model,
            "Each head of each layer lets a token gather information from itself and the tokens before it. How a head divides its"
            + " attention is computed anew for every text: this is what flows, not what was learned.")
            .style(HtmlPage.resource("flow.css")).style(HtmlPage.resource("attention.css"))
            .body(HtmlPage.resource("attention.html")).data("attention", data(map, layer, head))
            .module("attention.js").script("drawAttention(document, inkling.data('attention'));\n")
            .render();
    }

    /** The data that attention.js draws: labels, the heads' summaries and packed weights, the head shown first (layer and head from 0). */
    public static Map<String, Object> data(AttentionMap map, OptionalInt layer, OptionalInt head) {
        AttentionMap.Place shown = map.clearest(layer, head);
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("labels", map.labels());
        data.put("layers", map.layers());
        data.put("heads", map.heads());
        data.put("layer", shown.layer());
        data.put("head", shown.head());
        data.put("habits", habits(map));
        data.put("weights", packed(map));
        return data;
    }

    private static List<List<AttentionMap.HeadSummary>> habits(AttentionMap map) {
        List<List<AttentionMap.HeadSummary>> habits = new ArrayList<>();
        for (int layer = 0; layer < map.layers(); layer++) {
            List<AttentionMap.HeadSummary> row = new ArrayList<>();
            for (int head = 0; head < map.heads(); head++) {
                row.add(map.summary(layer, head));
            }
            habits.add(row);
        }
        return habits;
    }

    /** The lower triangles of all heads' maps, row by row, as little-endian 16-bit numbers in base 64. */
    static String packed(AttentionMap map) {
        int t = map.labels().size();
        ByteBuffer bytes = ByteBuffer.allocate(Math.multiplyExact(map.layers() * map.heads(), t * (t + 1))).order(ByteOrder.LITTLE_ENDIAN);
        for (float[][][] layer : map.weights()) {
            for (float[][] head : layer) {
                for (int query = 0; query < t; query++) {
                    for (int key = 0; key <= query; key++) {
                        bytes.putShort((short) Math.round(head[query][key] * WEIGHT_STEPS));
                    }
                }
            }
        }
        return Base64.getEncoder().encodeToString(bytes.array());
    }
}
