# The matrix product for libtorch builds with oneDNN; product_plain.py has that for the others.


def product_on_cpu(self, x: Tensor, w: Tensor, b: Optional[Tensor]) -> Tensor:
    # x (…, in), w (out, in), b (out) -> (…, out): faster than MKL's (docs/decisions/0007), but autograd records nothing
    nothing_after: List[Optional[number]] = []
    return ops.mkldnn._linear_pointwise(x, w, b, "none", nothing_after, None)
