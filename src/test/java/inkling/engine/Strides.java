package inkling.engine;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.List;

/** The memory layout of an array, which no comparison of its elements shows. */
public final class Strides {
    private static final KernelModule MODULE = KernelModule.load(Devices.baseManager(), new KernelSources(List.of(
        new KernelSources.Source("strides.py", """
        def in_rows(self, x: Tensor) -> Tensor:
            # x (…) -> ()
            return x.new_full([], x.is_contiguous())
        """))));

    private Strides() {}

    /** Whether the array lies in memory row by row, without gaps: its last index moves fastest. */
    public static boolean inRows(NDArray array) {
        try (NDManager scope = Devices.baseManager(); NDArray same = array.stopGradient()) {
            same.attach(scope);
            return MODULE.array("in_rows", same).getFloat() == 1;
        }
    }
}
