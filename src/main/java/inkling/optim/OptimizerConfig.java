package inkling.optim;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import inkling.config.TypeName;
import inkling.model.Gpt;
import inkling.model.GptLayout;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Which optimizer a run uses: the section {@code optimizer} of the run file. Its key {@code type} chooses the kind. */
@TypeName("adamw")
public sealed interface OptimizerConfig permits AdamWConfig, MuonConfig {
    /** Largest global norm of the gradients; larger ones are scaled down to it. 0 = never. */
    double maxGradNorm();

    /**
     * Makes the optimizer of these parameters. Its state lives below {@code parent}. The caller closes the optimizer.
     *
     * @param parameters by their names in {@code layout}
     */
    Optimizer create(Map<String, NDArray> parameters, GptLayout layout, NDManager parent);

    /**
     * As {@link #create(Map, GptLayout, NDManager)}, for the parameters of {@code gpt} with these names. If products read copies of the
     * weights, {@link RefreshingCopies} updates the copies.
     */
    default Optimizer create(Gpt gpt, List<String> names, NDManager parent) {
        Map<String, NDArray> arrays = new LinkedHashMap<>();
        names.forEach(name -> arrays.put(name, gpt.parameters().get(name)));
        return new RefreshingCopies(create(arrays, gpt.layout(), parent), gpt.parameters(), names);
    }
}
