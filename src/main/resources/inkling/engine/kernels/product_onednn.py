# The matrix product for builds of libtorch with oneDNN; product_plain.py has the product for builds without it.


def product_on_cpu(self, x: Tensor, w: Tensor, b: Optional[Tensor]) -> Tensor:
    # x (…, in), w (out, in), b (out) -> (…, out). Faster than MKL's product (docs/decisions/0007), but autograd does not record it.
    nothing_after: List[Optional[number]] = []
    return ops.mkldnn._linear_pointwise(x, w, b, "none", nothing_after, None)


def packed(self, w: Tensor) -> Tensor:
    # w (in, out) -> (out, in) in oneDNN's own order, which only oneDNN's product can read. In this order the product of a few rows takes as
    # long as the product of one row (docs/decisions/0030). The result is w itself on a GPU, or if w is in bfloat16 and oneDNN has no
    # products in bfloat16 for this processor.
    ROWS = 8
    BF16 = 15
    if w.is_cuda or (w.dtype == BF16 and not ops.mkldnn._is_mkldnn_bf16_supported()):
        return w
    return ops.mkldnn._reorder_linear_weight(w.t(), ROWS)
