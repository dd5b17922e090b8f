# Factors in bfloat16 for matrix products (docs/decisions/0026). A product's sums are float32, and its result is rounded to bfloat16 once.
# Shapes: … any axes.


def bf16(self, x: Tensor) -> Tensor:
    # x (…) -> (…) in bfloat16; x itself if it is in bfloat16 already
    BF16 = 15
    return x.to(BF16)


def bf16_copies(self, arrays: List[Tensor]) -> List[Tensor]:
    # n arrays (…) -> n copies (…) in bfloat16
    BF16 = 15
    copies: List[Tensor] = []
    for each in arrays:
        copies.append(each.detach().to(BF16))
    return copies
