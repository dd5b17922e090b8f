# The matrix product for builds of libtorch without oneDNN, e.g. for Apple's processors; product_onednn.py has the product for other builds.


def product_on_cpu(self, x: Tensor, w: Tensor, b: Optional[Tensor]) -> Tensor:
    # x (…, in), w (out, in), b (out) -> (…, out)
    return torch.linear(x, w, b)


def packed(self, w: Tensor) -> Tensor:
    # w (in, out) -> w itself, because without oneDNN there is no other order
    return w
