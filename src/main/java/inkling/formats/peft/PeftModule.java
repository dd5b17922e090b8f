package inkling.formats.peft;

import inkling.formats.family.ModelFormat;
import inkling.formats.family.ModelFormat.Slice;
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
 * A linear of a block as Transformers has it, e.g. {@code model.layers.0.self_attn.q_proj}, which is a part of our {@code h.0.attn.c_attn}.
 *
 * @param name the name that PEFT uses
 * @param block which block, from 0
 * @param in the number of inputs, the same as that of our linears
 * @param out the number of outputs
 * @param pieces where its outputs are in our linears; several pieces if it holds several of our linears, or their outputs in another order
 */
record PeftModule(String name, int block, int in, int out, List<OfOurs> pieces) {
    private static final String WEIGHT = ".weight";

    /**
     * {@code width} outputs of the module, from {@code row} on. In one of our linears, these are the outputs from {@code column} on.
     *
     * @param linear the name of our linear, without {@code .weight}
     */
    record OfOurs(Part part, String linear, int row, int column, int width) {}

    /**
     * All modules of a model that have a weight.
     *
     * @param linears the linears of the blocks
     * @param others the names of embeddings, norms, and the unembedding
     */
    record All(List<PeftModule> linears, List<String> others) {
        /** @param prefixed whether the names begin with the format's prefix, as in Transformers' classes with an unembedding */
        static All of(GptConfig model, ModelFormat format, boolean prefixed) {
            GptLayout layout = GptLayout.of(model);
            List<PeftModule> linears = new ArrayList<>();
            String unembedding = format.unembedding();
            List<String> others = new ArrayList<>(List.of(unembedding.substring(0, unembedding.length() - WEIGHT.length())));
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
                if (blocks.keySet().containsAll(stored.parameters())) {
                    linears.add(module(name, blocks.get(stored.slices().get(0).parameter()), parts, stored));
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

    private static PeftModule module(String name, int block, Map<String, Part> parts, Stored stored) {
        int first = (int) stored.shape().get(0);
        int second = (int) stored.shape().get(1);
        if (stored.layout() == ModelFormat.Layout.SAME) {
            Slice all = stored.slices().get(0);
            return new PeftModule(name, block, first, second, List.of(ofOurs(parts, new Slice(all.parameter(), 0, 0, second))));
        }
        return new PeftModule(name, block, second, first, stored.slices().stream().map(slice -> ofOurs(parts, slice)).toList());
    }

    private static OfOurs ofOurs(Map<String, Part> parts, Slice slice) {
        String weight = slice.parameter();
        return new OfOurs(parts.get(weight), weight.substring(0, weight.length() - WEIGHT.length()), (int) slice.row(),
            (int) slice.column(), (int) slice.width());
    }

    /** The name of the list of blocks within the module's name, e.g. {@code layers}. */
    String blocks() {
        String before = name.substring(0, name.indexOf("." + block + "."));
        return before.substring(before.lastIndexOf('.') + 1);
    }
}
