package inkling.optim;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import inkling.engine.UpdateKernels;
import inkling.engine.UpdateKernels.AdamWStep;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * AdamW with PyTorch's semantics (Loshchilov and Hutter 2019, arXiv:1711.05101). One fused call updates all matrices, another all vectors:
 * <pre>
 * g ← g / divisor                             clipping: {@link GradientClip}
 * p ← p − lr · decay · p                      matrices only
 * m ← β₁ m + (1 − β₁) g,   v ← β₂ v + (1 − β₂) g²
 * p ← p − lr · m/(1 − β₁ᵗ) / (√v/√(1 − β₂ᵗ) + eps)   t: number of the update, from 1
 * </pre>
 */
public final class AdamW implements Optimizer {
    private static final String FIRST_MOMENT = "exp_avg.";
    private static final String SECOND_MOMENT = "exp_avg_sq.";

    private final AdamWConfig config;
    private final NDManager manager;
    private final Map<String, NDArray> state = new LinkedHashMap<>();
    private final Group matrices;
    private final Group vectors;
    private long updates;

    /** Parameters p with the same weight decay, their moments m and v, and their places (indices) among all parameters. */
    private record Group(double weightDecay, List<Integer> places, List<NDArray> p, List<NDArray> m, List<NDArray> v) {
        Group(double weightDecay) {
            this(weightDecay, new ArrayList<>(), new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        }
    }

    /** The moments start at zero. They live in a sub-manager of {@code parent}, on its device. */
    public AdamW(AdamWConfig config, Map<String, NDArray> parameters, NDManager parent) {
        this.config = config;
        this.manager = parent.newSubManager();
        this.matrices = new Group(config.weightDecay());
        this.vectors = new Group(0);
        int place = 0;
        for (Map.Entry<String, NDArray> entry : parameters.entrySet()) {
            NDArray p = entry.getValue();
            Group group = p.getShape().dimension() >= 2 ? matrices : vectors;
            group.places().add(place++);
            group.p().add(p);
            group.m().add(moment(FIRST_MOMENT + entry.getKey(), p));
            group.v().add(moment(SECOND_MOMENT + entry.getKey(), p));
        }
    }

    private NDArray moment(String name, NDArray p) {
        NDArray zeros = manager.zeros(p.getShape(), p.getDataType());
        state.put(name, zeros);
        return zeros;
    }

    @Override
    public void update(List<NDArray> gradients, double learningRate, double divisor) {
        updates++;
        try (NDManager scope = manager.newSubManager()) {
            NDArray t = scope.create((float) updates);
            NDArray divisorArray = scope.create((float) divisor);
            for (Group group : List.of(matrices, vectors)) {
                if (!group.p().isEmpty()) {
                    List<NDArray> g = group.places().stream().map(gradients::get).toList();
                    AdamWStep step = new AdamWStep(learningRate, config.beta1(), config.beta2(), group.weightDecay(), config.eps());
                    UpdateKernels.adamw(step, divisorArray, group.p(), g, group.m(), group.v(), Collections.nCopies(g.size(), t));
                }
            }
        }
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
        UpdateKernels.copyAll(List.copyOf(state.values()), state.keySet().stream().map(saved::get).toList());
        updates = updatesBefore;
    }

    @Override
    public void close() {
        manager.close();
    }
}
