package inkling.model;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import inkling.engine.Autograd;
import inkling.engine.Devices;
import inkling.engine.Kernels;
import inkling.model.config.GptConfig;
import inkling.reference.ReferenceGpt;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/** Converts weights, ids and results between the reference and the model. */
public final class ReferenceWeights {
    private ReferenceWeights() {}

    /** Random weights that float32 represents exactly, so that both models hold the same numbers. */
    public static Map<String, double[]> random(GptConfig config, long seed) {
        Map<String, double[]> parameters = ReferenceGpt.randomParameters(config, seed);
        parameters.values().forEach(values -> Arrays.setAll(values, i -> (float) values[i]));
        return parameters;
    }

    public static NDManager manager() {
        return Devices.manager(Device.cpu());
    }

    public static Gpt gpt(GptConfig config, Map<String, double[]> values, NDManager manager) {
        Parameters parameters = new Parameters(manager.newSubManager());
        ReferenceGpt.parameterShapes(config).forEach((name, shape) -> {
            Shape dimensions = new Shape(Arrays.stream(shape).asLongStream().toArray());
            parameters.put(name, parameters.manager().create(floats(values.get(name)), dimensions));
        });
        return new Gpt(config, parameters);
    }

    /** (B, T) int64. */
    public static NDArray ids(NDManager manager, int[][] rows) {
        long[] flat = Arrays.stream(rows).flatMapToInt(Arrays::stream).asLongStream().toArray();
        return manager.create(flat, new Shape(rows.length, rows[0].length));
    }

    /** The gradient of the training loss with respect to each parameter. */
    static Map<String, double[]> gradients(Gpt gpt, NDManager manager, int[][] ids, int[][] targets) {
        gpt.parameters().arrays().forEach(p -> p.setRequiresGradient(true));
        Map<String, double[]> gradients = new HashMap<>();
        try (NDManager scope = manager.newSubManager(); Autograd on = Autograd.recording()) {
            NDArray loss = gpt.loss(ids(scope, ids), ids(scope, targets), Mode.TRAIN);
            NDList arrays = Kernels.gradients(loss, gpt.parameters().arrays());
            for (int i = 0; i < arrays.size(); i++) {
                gradients.put(gpt.parameters().names().get(i), doubles(arrays.get(i)));
            }
        }
        return gradients;
    }

    public static double[] doubles(NDArray array) {
        float[] values = array.toFloatArray();
        double[] out = new double[values.length];
        Arrays.setAll(out, i -> values[i]);
        return out;
    }

    /** All numbers of a nested array, row-major. */
    static double[] flat(Object[] nested) {
        return Arrays.stream(nested).flatMapToDouble(part ->
            Arrays.stream(part instanceof double[] row ? row : flat((Object[]) part))).toArray();
    }

    public static double norm(double... values) {
        return Math.sqrt(Arrays.stream(values).map(v -> v * v).sum());
    }

    private static float[] floats(double[] values) {
        float[] out = new float[values.length];
        for (int i = 0; i < out.length; i++) {
            out[i] = (float) values[i];
        }
        return out;
    }
}
