# The matrix product for libtorch builds without oneDNN, such as those for Apple's processors; product_onednn.py has that for the others.


def product_on_cpu(self, x: Tensor, w: Tensor, b: Optional[Tensor]) -> Tensor:
    # x (…, in), w (out, in), b (out) -> (…, out)
    return torch.linear(x, w, b)


def packed(self, w: Tensor) -> Tensor:
    # w (in, out) -> w itself: there is no other order
    return w
