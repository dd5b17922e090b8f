# The matrix product for libtorch builds with oneDNN; product_plain.py has that for the others.


def product_on_cpu(self, x: Tensor, w: Tensor, b: Optional[Tensor]) -> Tensor:
    # x (…, in), w (out, in), b (out) -> (…, out): faster than MKL's (docs/decisions/0007), but autograd records nothing
    nothing_after: List[Optional[number]] = []
    return ops.mkldnn._linear_pointwise(x, w, b, "none", nothing_after, None)


def packed(self, w: Tensor) -> Tensor:
    # w (in, out) -> (out, in) in an order of oneDNN's own, in which its product of a few rows reads memory as fast as that of one row
    # (docs/decisions/0030). Only oneDNN's product can read that order. On a GPU, or in bfloat16 on a processor without it: w itself.
    ROWS = 8
    BF16 = 15
    if w.is_cuda or (w.dtype == BF16 and not ops.mkldnn._is_mkldnn_bf16_supported()):
        return w
    return ops.mkldnn._reorder_linear_weight(w.t(), ROWS)
