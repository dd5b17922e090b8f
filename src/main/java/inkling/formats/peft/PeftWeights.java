package inkling.formats.peft;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import inkling.errors.ConfigException;
import inkling.errors.ModelFormatException;
import inkling.formats.family.ModelFormat;
import inkling.formats.family.TensorNames;
import inkling.formats.peft.PeftModule.OfOurs;
import inkling.formats.tensors.Tensors;
import inkling.io.tensors.SafetensorsFile;
import inkling.model.GptLayout;
import inkling.model.Lora;
import inkling.model.LoraConfig;
import inkling.model.Parameters;
import inkling.model.Part;
import inkling.model.config.GptConfig;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Reads the adapters of {@code adapter_model.safetensors}. An adapter is two matrices, A (rank, in) and B (out, rank).
 * <ul>
 * <li>Several modules together may be one of our linears, e.g. a Llama's queries, keys and values. Their adapters become one adapter that
 * computes the same. Its A has their A's, one below the other. In its B, each module's B is one block: its rows are the module's outputs,
 * its columns those that multiply the module's A. Outside these blocks it has zeros.</li>
 * <li>One module may be several of our linears, e.g. Phi-3's gate and up projection. Each linear gets the module's A, and its own rows of
 * B.</li>
 * <li>All our adapters have the same rank and the same alpha / rank, the {@link PeftConfig#scale} of the first module. Smaller ranks are
 * filled up with zeros. If another module has another scale, its B is multiplied by its scale / the first module's.</li>
 * </ul>
 */
final class PeftWeights {
    private static final String A = ".lora_A.weight";
    private static final String B = ".lora_B.weight";

    private final SafetensorsFile file;
    private final PeftConfig config;
    private final GptConfig model;
    private final ModelFormat format;
    private final GptLayout layout;
    /**
     * A weight's bare name → its name in the file. A bare name has no wrappers, no prefix and no {@code .default}, the name that PEFT
     * usually gives an adapter.
     */
    private final Map<String, String> names = new LinkedHashMap<>();
    private final List<String> faults = new ArrayList<>();

    private PeftWeights(SafetensorsFile file, PeftConfig config, GptConfig model, ModelFormat format) {
        this.file = file;
        this.config = config;
        this.model = model;
        this.format = format;
        this.layout = GptLayout.of(model);
        for (String name : file.tensors().keySet()) {
            String twin = names.putIfAbsent(bare(name), name);
            if (twin != null) {
                faults.add("%s and %s are the same weight twice".formatted(twin, name));
            }
        }
    }

    /**
     * Adds the adapters to {@code parameters}.
     *
     * @throws ModelFormatException listing each tensor that does not fit config and model
     */
    static Lora read(SafetensorsFile file, PeftConfig config, GptConfig model, ModelFormat format, Parameters parameters) {
        return new PeftWeights(file, config, model, format).read(parameters);
    }

    private String bare(String name) {
        return TensorNames.bare(name, format.prefix()).replace(".default.", ".");
    }

    private Lora read(Parameters parameters) {
        boolean prefixed = names.values().stream().map(TensorNames::unwrapped).anyMatch(name -> name.startsWith(format.prefix()));
        List<PeftModule> chosen = config.targets().chosen(PeftModule.All.of(model, format, prefixed));
        check(chosen);
        Map<String, List<PeftModule>> together = new LinkedHashMap<>();     // our linear → the modules that give its outputs
        chosen.forEach(module -> module.pieces().stream().map(OfOurs::linear).distinct()
            .forEach(linear -> together.computeIfAbsent(linear, ours -> new ArrayList<>()).add(module)));
        int rank = together.values().stream().mapToInt(this::sumOfRanks).max().orElseThrow();
        double scale = config.scale(chosen.get(0).name());
        Lora lora = lora(chosen, rank, scale);
        for (String name : lora.specs(model).stream().map(spec -> spec.name()).filter(name -> name.endsWith(A)).toList()) {
            String linear = name.substring(0, name.length() - A.length());
            put(linear, together.get(linear), new Common(rank, scale), parameters);
        }
        return lora;
    }

    private int sumOfRanks(List<PeftModule> modules) {
        return modules.stream().mapToInt(module -> config.rank(module.name())).reduce(0, Math::addExact);
    }

    private void check(List<PeftModule> chosen) {
        Set<String> stray = new TreeSet<>(names.keySet());
        for (PeftModule module : chosen) {
            check(module.name() + A, new Shape(config.rank(module.name()), module.in()), stray);
            check(module.name() + B, new Shape(module.out(), config.rank(module.name())), stray);
        }
        stray.forEach(name -> faults.add(names.get(name) + " is not part of this adapter"));
        if (!faults.isEmpty()) {
            throw new ModelFormatException("%s: the adapters do not fit adapter_config.json and the model:\n  %s".formatted(file.path(),
                String.join("\n  ", faults)));
        }
    }

    private void check(String expected, Shape shape, Set<String> stray) {
        String name = names.get(bare(expected));
        stray.remove(bare(expected));
        if (name == null) {
            faults.add("base_model.model.%s %s is missing".formatted(expected, shape));
        } else if (!new Shape(file.tensor(name).shape()).equals(shape)) {
            faults.add("%s is %s, expected %s".formatted(name, file.tensor(name).shapeText(), shape));
        }
    }

    private Lora lora(List<PeftModule> chosen, int rank, double scale) {
        Map<Part, Set<Integer>> blocks = new LinkedHashMap<>();
        chosen.forEach(module -> module.pieces().forEach(piece ->
            blocks.computeIfAbsent(piece.part(), p -> new LinkedHashSet<>()).add(module.block())));
        List<String> targets = new ArrayList<>();
        blocks.forEach((part, where) -> {
            if (where.size() == model.nLayer()) {
                targets.add(part.path());
            } else {
                where.forEach(block -> targets.add("h." + block + "." + part.path()));
            }
        });
        try {
            boolean plain = !config.rootScaled() && config.alphas().isEmpty() && config.ranks().isEmpty();
            return new Lora(new LoraConfig(rank, plain ? config.alpha() * rank / config.rank() : scale * rank, config.dropout(), targets));
        } catch (ConfigException e) {
            throw new ModelFormatException("%s: %s".formatted(config.targets().fields().source(), e.getMessage()), e);
        }
    }

    /** The rank and the factor alpha / rank of all our adapters. */
    private record Common(int rank, double scale) {}

    private void put(String linear, List<PeftModule> modules, Common common, Parameters parameters) {
        NDManager manager = parameters.manager();
        PeftModule first = modules.get(0);
        int width = (int) layout.spec(linear + ".weight").shape().get(1);
        int rank = common.rank;
        boolean alone = modules.size() == 1 && first.pieces().size() == 1 && first.out() == width;
        if (alone && config.rank(first.name()) == rank && config.scale(first.name()) == common.scale) {
            parameters.put(linear + A, Tensors.read(file, names.get(bare(first.name() + A)), manager));
            parameters.put(linear + B, Tensors.read(file, names.get(bare(first.name() + B)), manager));
            return;
        }
        float[] a = new float[Math.multiplyExact(rank, first.in())];           // (rank, in)
        float[] b = new float[Math.multiplyExact(width, rank)];                // (out, rank)
        int before = 0;                                                        // rows of A that are filled
        for (PeftModule module : modules) {
            float[] moduleA = values(module.name() + A, manager);
            float[] moduleB = values(module.name() + B, manager);
            int own = config.rank(module.name());
            float factor = (float) (config.scale(module.name()) / common.scale);
            System.arraycopy(moduleA, 0, a, before * first.in(), moduleA.length);
            for (OfOurs piece : module.pieces().stream().filter(piece -> piece.linear().equals(linear)).toList()) {
                for (int row = 0; row < piece.width(); row++) {
                    for (int r = 0; r < own; r++) {
                        b[(piece.column() + row) * rank + before + r] = factor * moduleB[(piece.row() + row) * own + r];
                    }
                }
            }
            before += own;
        }
        parameters.put(linear + A, manager.create(a, new Shape(rank, first.in())));
        parameters.put(linear + B, manager.create(b, new Shape(width, rank)));
    }

    private float[] values(String name, NDManager manager) {
        try (NDArray values = Tensors.read(file, names.get(bare(name)), manager)) {
            return values.toFloatArray();
        }
    }
}
