# The product of libtorch builds without oneDNN, as for Apple's processors; product_onednn.py is that of the others.


def product_on_cpu(self, x: Tensor, w: Tensor, b: Optional[Tensor]) -> Tensor:
    # x (…, in), w (out, in), b (out) -> (…, out)
    return torch.linear(x, w, b)
