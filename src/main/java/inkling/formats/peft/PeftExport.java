package inkling.formats.peft;

import com.fasterxml.jackson.databind.node.ObjectNode;
import inkling.formats.family.ModelFormat;
import inkling.formats.peft.PeftModule.OfOurs;
import inkling.io.Content;
import inkling.io.json.StrictJson;
import inkling.io.tensors.SafetensorsWriter;
import inkling.io.tensors.SafetensorsWriter.Entry;
import inkling.model.Gpt;
import inkling.model.Lora;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Writes a model's adapters under the names that PEFT has for the base's family. An adapter is two matrices, A (rank, in) and
 * B (out, rank).
 * <ul>
 * <li>One of our linears may be several modules of the family, e.g. a Llama's queries, keys and values. Each of these modules gets the same
 * A, and its own rows of B.</li>
 * <li>One module may be several of our linears, e.g. Phi-3's gate and up projection. This module gets the A's of those that have an
 * adapter, one below the other; {@code rank_pattern} names its larger rank.</li>
 * </ul>
 */
public final class PeftExport {
    private static final String PREFIX = "base_model.model.";
    private static final String A = ".lora_A.weight";
    private static final String B = ".lora_B.weight";

    private final Gpt gpt;
    private final Lora lora;
    private final int rank;

    private PeftExport(Gpt gpt) {
        this.gpt = gpt;
        this.lora = gpt.lora().orElseThrow();
        this.rank = lora.config().rank();
    }

    /**
     * The files of an adapter's directory.
     *
     * @param gpt a model with adapters
     * @param family the family of the base
     * @param base the name or folder of the base
     */
    public static Map<String, Content> content(Gpt gpt, ModelFormat family, String base) {
        return new PeftExport(gpt).files(family, base);
    }

    private Map<String, Content> files(ModelFormat family, String base) {
        List<PeftModule> all = PeftModule.All.of(gpt.config(), family, true).linears();
        List<PeftModule> adapted = all.stream().filter(module -> !linears(module).isEmpty()).toList();
        List<Entry> entries = new ArrayList<>();
        Set<String> targets = new LinkedHashSet<>();
        Map<String, Integer> parts = new LinkedHashMap<>();         // target → how many of its linears have an adapter, if more than one
        for (PeftModule module : adapted) {
            List<String> linears = linears(module);
            entries.add(Entry.floats(PREFIX + module.name() + A, List.of((long) rank * linears.size(), (long) module.in()),
                a(module, linears)));
            entries.add(Entry.floats(PREFIX + module.name() + B, List.of((long) module.out(), (long) rank * linears.size()),
                b(module, linears)));
            String target = target(module, all);
            targets.add(target);
            if (linears.size() > 1) {
                parts.put(target, linears.size());
            }
        }
        boolean transposed = adapted.stream().anyMatch(module -> family.tensors(gpt.config()).stream()
            .anyMatch(stored -> stored.name().equals(module.name() + ".weight") && stored.layout() == ModelFormat.Layout.SAME));
        Map<String, Content> files = new LinkedHashMap<>();
        ObjectNode json = PeftAdapter.json(lora.config(), base, List.copyOf(targets)).put("fan_in_fan_out", transposed);
        ObjectNode ranks = json.putObject("rank_pattern");
        ObjectNode alphas = json.putObject("alpha_pattern");
        parts.forEach((target, count) -> {
            ranks.put(target.replace(".", "\\."), rank * count);
            alphas.put(target.replace(".", "\\."), lora.config().alpha() * count);
        });
        json.put("use_rslora", false).put("use_dora", false).put("init_lora_weights", true);
        files.put(PeftAdapter.CONFIG_FILE, Content.of(StrictJson.bytes(json)));
        files.put(PeftAdapter.WEIGHTS_FILE, SafetensorsWriter.content(entries, Map.of("format", "pt")));
        return files;
    }

    /** The names of those of our linears within {@code module} that have an adapter. */
    private List<String> linears(PeftModule module) {
        return module.pieces().stream().map(OfOurs::linear).distinct().filter(linear -> gpt.parameters().has(linear + A)).toList();
    }

    /** The A's of the linears, one below the other: (linears · rank, in). */
    private float[] a(PeftModule module, List<String> linears) {
        float[] a = new float[rank * linears.size() * module.in()];
        for (int i = 0; i < linears.size(); i++) {
            float[] ours = values(linears.get(i) + A);
            System.arraycopy(ours, 0, a, i * ours.length, ours.length);
        }
        return a;
    }

    /**
     * (out, linears · rank). A row for an output of one of {@code linears} holds that linear's row of B, in the columns that multiply the
     * linear's A. All other numbers are zero.
     */
    private float[] b(PeftModule module, List<String> linears) {
        int columns = rank * linears.size();
        float[] b = new float[module.out() * columns];
        for (int i = 0; i < linears.size(); i++) {
            float[] ours = values(linears.get(i) + B);
            for (OfOurs piece : module.pieces()) {
                for (int row = 0; piece.linear().equals(linears.get(i)) && row < piece.width(); row++) {
                    System.arraycopy(ours, (piece.column() + row) * rank, b, (piece.row() + row) * columns + i * rank, rank);
                }
            }
        }
        return b;
    }

    private float[] values(String name) {
        return gpt.parameters().get(name).toFloatArray();
    }

    /**
     * The shortest end of the module's name, e.g. {@code q_proj}, that it shares only with modules in which as many of our linears have
     * adapters as in this one; else the whole name.
     */
    private String target(PeftModule module, List<PeftModule> all) {
        String name = module.name();
        int adapters = linears(module).size();
        for (int dot = name.lastIndexOf('.'); dot > 0; dot = name.lastIndexOf('.', dot - 1)) {
            String end = name.substring(dot);
            if (all.stream().filter(other -> other.name().endsWith(end)).allMatch(other -> linears(other).size() == adapters)) {
                return end.substring(1);
            }
        }
        return name;
    }
}
