package inkling.optim;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import inkling.engine.UpdateKernels;
import inkling.model.GptLayout;
import inkling.model.ParameterSpec;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Updates the matrices of the blocks by Muon (Jordan et al. 2024, with the published code's constants), and all other parameters by
 * {@link AdamW}. Muon's update of a matrix with {@code in} inputs and {@code out} outputs is:
 * <pre>
 * g ← g / divisor                                     clipping: {@link GradientClip}
 * b ← μ b + (1 − μ) g,   u = μ b + (1 − μ) g          Nesterov momentum
 * u = U S Vᵀ  →  u ← U Vᵀ, nearly                     five Newton-Schulz steps bring singular values to about 1
 * p ← p − lr · decay · p − lr · √max(1, out/in) · u
 * </pre>
 * The Newton-Schulz steps make u nearly orthogonal. Matrices of the same shape and the same factor √max(1, out/in) are treated together, by
 * batched products.
 */
public final class Muon implements Optimizer {
    private static final String MOMENTUM = "momentum.";

    private final MuonConfig config;
    private final NDManager manager;
    private final Map<String, NDArray> state = new LinkedHashMap<>();
    private final Map<Kind, Group> groups = new LinkedHashMap<>();
    private final List<Integer> otherPlaces = new ArrayList<>();
    private final AdamW others;
    private long updates;

    /** Matrices p of one kind, their momentum, and their places (indices) among all parameters. */
    private record Group(List<Integer> places, List<NDArray> p, List<NDArray> momentum) {
        Group() {
            this(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        }
    }

    /** What the matrices of a group have in common. Their updates are multiplied by {@code scale}. */
    private record Kind(Shape shape, double scale) {
        static Kind of(ParameterSpec spec) {
            return new Kind(spec.shape(), Math.sqrt(Math.max(1, spec.outputsPerInput())));
        }
    }

    /**
     * Momentum starts at zero. It lives in a sub-manager of {@code parent}, on its device.
     *
     * @param parameters by their names in {@code layout}
     */
    public Muon(MuonConfig config, Map<String, NDArray> parameters, GptLayout layout, NDManager parent) {
        this.config = config;
        this.manager = parent.newSubManager();
        Map<String, NDArray> rest = new LinkedHashMap<>();
        int place = 0;
        for (Map.Entry<String, NDArray> entry : parameters.entrySet()) {
            NDArray p = entry.getValue();
            ParameterSpec spec = layout.spec(entry.getKey());
            if (spec.isMatrixOfABlock()) {
                NDArray momentum = manager.zeros(p.getShape(), p.getDataType());
                state.put(MOMENTUM + entry.getKey(), momentum);
                Group group = groups.computeIfAbsent(Kind.of(spec), kind -> new Group());
                group.places().add(place);
                group.p().add(p);
                group.momentum().add(momentum);
            } else {
                otherPlaces.add(place);
                rest.put(entry.getKey(), p);
            }
            place++;
        }
        this.others = new AdamW(config.adamW(), rest, manager);
        state.putAll(others.state());
    }

    @Override
    public void update(List<NDArray> gradients, double learningRate, double divisor) {
        updates++;
        groups.forEach((kind, group) -> UpdateKernels.muon(
            new UpdateKernels.MuonStep(learningRate, config.momentum(), config.weightDecay(), divisor, kind.scale()), group.p(),
            group.places().stream().map(gradients::get).toList(), group.momentum()));
        others.update(otherPlaces.stream().map(gradients::get).toList(), learningRate * config.adamwShare(), divisor);
    }

    @Override
    public long updates() {
        return updates;
    }

    @Override
    public Map<String, NDArray> state() {
        return Collections.unmodifiableMap(state);
    }

    @Override
    public void load(Map<String, NDArray> saved, long updatesBefore) {
        List<String> momenta = state.keySet().stream().filter(name -> name.startsWith(MOMENTUM)).toList();
        UpdateKernels.copyAll(momenta.stream().map(state::get).toList(), momenta.stream().map(saved::get).toList());
        others.load(saved, updatesBefore);
        updates = updatesBefore;
    }

    @Override
    public void close() {
        manager.close();
    }
}
