package inkling.formats.peft;

import inkling.formats.family.ModelFormat;
import inkling.formats.family.ModelFormat.Stored;
import inkling.formats.family.TensorNames;
import inkling.model.GptLayout;
import inkling.model.Part;
import inkling.model.config.GptConfig;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A linear of a block under the name that PEFT knows it by, e.g. {@code model.layers.0.self_attn.q_proj}, which is a part of our
 * {@code h.0.attn.c_attn}.
 *
 * @param block which block, from 0
 * @param part which of our linears it is, or is in
 * @param in its inputs, which are all of ours
 * @param out its outputs
 * @param column the first of our outputs that is its own
 */
record PeftModule(String name, int block, Part part, int in, int out, int column) {
    private static final String WEIGHT = ".weight";

    /**
     * Everything that a model's files have a weight of.
     *
     * @param linears of the blocks
     * @param others embeddings, norms, and the unembedding
     */
    record All(List<PeftModule> linears, List<String> others) {
        /** @param prefixed whether the names have the format's prefix, as they do where the model has its unembedding */
        static All of(GptConfig model, ModelFormat format, boolean prefixed) {
            GptLayout layout = GptLayout.of(model);
            List<PeftModule> linears = new ArrayList<>();
            List<String> others = new ArrayList<>(List.of("lm_head"));
            Map<String, Integer> blocks = new HashMap<>();
            Map<String, Part> parts = new HashMap<>();
            for (int block = 0; block < model.nLayer(); block++) {
                for (Part part : layout.linears()) {
                    blocks.put(layout.weights(block, part).weight(), block);
                    parts.put(layout.weights(block, part).weight(), part);
                }
            }
            for (Stored stored : format.tensors(model)) {
                String name = stored.name().endsWith(WEIGHT) ? name(stored, format, prefixed) : "";
                if (blocks.containsKey(stored.parameter())) {
                    linears.add(module(name, blocks.get(stored.parameter()), parts.get(stored.parameter()), stored));
                } else if (!name.isEmpty()) {
                    others.add(name);
                }
            }
            return new All(linears, others);
        }
    }

    private static String name(Stored stored, ModelFormat format, boolean prefixed) {
        String name = stored.name().substring(0, stored.name().length() - WEIGHT.length());
        return prefixed ? name : TensorNames.bare(name, format.prefix());
    }

    private static PeftModule module(String name, int block, Part part, Stored stored) {
        int first = (int) stored.shape().get(0);
        int second = (int) stored.shape().get(1);
        return stored.layout() == ModelFormat.Layout.SAME ? new PeftModule(name, block, part, first, second, 0)
            : new PeftModule(name, block, part, second, first, (int) stored.column());
    }

    /** What the list of blocks is called: {@code layers}. */
    String blocks() {
        String before = name.substring(0, name.indexOf("." + block + "."));
        return before.substring(before.lastIndexOf('.') + 1);
    }
}
