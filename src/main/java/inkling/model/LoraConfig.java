package inkling.model;

import inkling.config.Key;
import inkling.errors.Problems;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Options of low-rank adapters ({@link Lora}): the section {@code finetune: lora} of the run file. */
public record LoraConfig(
    @Key(doc = "the inner width of an adapter B·A: the rows of A and the columns of B", def = "8") int rank,
    @Key(doc = "the adapter's output is multiplied by alpha / rank", def = "16") double alpha,
    @Key(doc = "probability of dropout on the adapter's input, in [0, 1); in training only", def = "0.0") double dropout,
    @Key(doc = "linear weights that get an adapter: of all blocks, attn.c_attn, attn.c_proj, mlp.c_fc, mlp.c_gate, mlp.c_proj; of one "
        + "block, e.g. h.0.attn.c_attn", def = "[attn.c_attn]") List<String> targets) {

    private static final List<String> LINEARS = Part.linears().stream().map(Part::path).toList();
    private static final Pattern OF_ONE_BLOCK = Pattern.compile("h\\.(0|[1-9][0-9]{0,8})\\.(.+)");

    public LoraConfig {
        targets = List.copyOf(targets);
        Problems problems = new Problems()
            .check(rank > 0, "rank", "rank = %d must be positive.", rank)
            .check(Double.isFinite(alpha) && alpha > 0, "alpha", "alpha = %s must be positive.", alpha)
            .check(dropout >= 0 && dropout < 1, "dropout", "dropout = %s must be in [0, 1).", dropout)
            .check(!targets.isEmpty(), "targets",
                "targets = [] leaves nothing to train; name a weight, e.g. attn.c_attn.")
            .check(new HashSet<>(targets).size() == targets.size(), "targets", "targets = %s names a weight twice.", targets);
        for (String target : new LinkedHashSet<>(targets)) {
            problems.check(LINEARS.contains(part(target)), "targets", "targets: %s is no linear weight of a block; there are %s.", target,
                String.join(", ", LINEARS.stream().sorted().toList()));
        }
        problems.throwIfAny();
    }

    /** A target without its block: {@code attn.c_attn} for {@code h.0.attn.c_attn}. */
    private static String part(String target) {
        Matcher one = OF_ONE_BLOCK.matcher(target);
        return one.matches() ? one.group(2) : target;
    }

    /** The linears that get an adapter in at least one block. */
    List<Part> parts() {
        return targets.stream().map(target -> Part.linears().get(LINEARS.indexOf(part(target)))).distinct().toList();
    }

    /** The linears of one block that get an adapter. */
    List<Part> parts(int block) {
        return parts().stream().filter(part -> targets.contains(part.path()) || targets.contains("h." + block + "." + part.path()))
            .toList();
    }

    /** The targets that name a block beyond the {@code nLayer} blocks of a model. */
    List<String> beyond(int nLayer) {
        return targets.stream().filter(target -> {
            Matcher one = OF_ONE_BLOCK.matcher(target);
            return one.matches() && Integer.parseInt(one.group(1)) >= nLayer;
        }).toList();
    }
}
