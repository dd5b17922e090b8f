package inkling.optim;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import inkling.config.TypeName;
import inkling.model.Gpt;
import inkling.model.GptLayout;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Which optimizer a run uses: {@code optimizer} of the run file, chosen by its {@code type}. */
@TypeName("adamw")
public sealed interface OptimizerConfig permits AdamWConfig, MuonConfig {
    /** Largest global norm of the gradients; larger ones are scaled down to it. 0 = never. */
    double maxGradNorm();

    /**
     * The optimizer of these parameters; its state lives below {@code parent}, and who opens it closes it.
     *
     * @param parameters by their names in {@code layout}
     */
    Optimizer create(Map<String, NDArray> parameters, GptLayout layout, NDManager parent);

    /** As {@link #create}, of the parameters of {@code gpt} with these names; copies of them that products read are kept up to date. */
    default Optimizer create(Gpt gpt, List<String> names, NDManager parent) {
        Map<String, NDArray> arrays = new LinkedHashMap<>();
        names.forEach(name -> arrays.put(name, gpt.parameters().get(name)));
        return new RefreshingCopies(create(arrays, gpt.layout(), parent), gpt.parameters(), names);
    }
}
