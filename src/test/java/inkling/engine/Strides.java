package inkling.engine;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;

/** How an array lies in memory, which no comparison by index shows. */
public final class Strides {
    private static final String CODE = """
        class Kernels(Module):
          __parameters__ = []
          __buffers__ = []
          training : bool
          def in_rows(self: __torch__.Kernels, x: Tensor) -> Tensor:
            return torch.full([], torch.is_contiguous(x), dtype=6, layout=None, device=torch.device("cpu"), pin_memory=None)
        """;

    private Strides() {}

    /** Whether the last index moves fastest and nothing lies between. */
    public static boolean inRows(NDArray array) {
        try (NDManager scope = Devices.baseManager().newSubManager(); NDArray same = array.stopGradient()) {
            same.attach(scope);
            NDArray method = scope.create(0f);
            method.setName("module_method:in_rows");
            return KernelModule.load(scope, CODE).run(new NDList(same, method)).singletonOrThrow().getFloat() == 1;
        }
    }
}
