package inkling.tokenizer.bpe;

import inkling.errors.ModelFormatException;
import inkling.tokenizer.bpe.BpeModel.Merge;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The merges of a vocabulary, read one by one in order of rank: pairs of tokens become pairs of ids. */
public final class MergeList {
    private final String source;
    private final Map<String, Integer> ids;
    private final List<Merge> merges = new ArrayList<>();
    private Optional<ModelFormatException> fault = Optional.empty();   // the fault of the first merge that was refused

    /**
     * @param source the file, for messages
     * @param ids the id of each token that merges may name
     */
    public MergeList(String source, Map<String, Integer> ids) {
        this.source = source;
        this.ids = ids;
    }

    /** The number of merges so far, which is the rank of the next one. */
    public int size() {
        return merges.size();
    }

    /** Whether no merge was added or refused. */
    public boolean isEmpty() {
        return merges.isEmpty() && fault.isEmpty();
    }

    /** Adds a merge of two tokens. If the vocabulary lacks one of them or their concatenation, {@link #all} will throw. */
    public void add(String left, String right) {
        String merged = left + right;
        Integer leftId = ids.get(left);
        Integer rightId = ids.get(right);
        Integer mergedId = ids.get(merged);
        if (leftId != null && rightId != null && mergedId != null) {
            merges.add(new Merge(leftId, rightId, mergedId));
            return;
        }
        String unknown = leftId == null ? left : rightId == null ? right : merged;
        refuse(new ModelFormatException("%s: merge %d (%s %s) names \"%s\", which the vocabulary does not have."
            .formatted(source, size(), left, right, unknown)));
    }

    /** Makes {@link #all} throw {@code why}. If an earlier merge was refused, {@link #all} throws its fault instead. */
    public void refuse(ModelFormatException why) {
        fault = fault.or(() -> Optional.of(why));
    }

    /**
     * The merges in order of rank.
     *
     * @throws ModelFormatException if a merge was refused, or occurs twice
     */
    public List<Merge> all() {
        fault.ifPresent(why -> {
            throw why;
        });
        Merges seen = new Merges(merges.size());
        for (int rank = 0; rank < merges.size(); rank++) {
            Merge merge = merges.get(rank);
            if (!seen.put(merge.left(), merge.right(), rank, merge.merged())) {
                throw new ModelFormatException("%s: merge %d (%s %s) is the same as merge %d; each pair may merge once.".formatted(source,
                    rank, token(merge.left()), token(merge.right()), seen.find(merge.left(), merge.right()) >>> Integer.SIZE));
            }
        }
        return merges;
    }

    private String token(int id) {
        return ids.entrySet().stream().filter(entry -> entry.getValue() == id).map(Map.Entry::getKey).findFirst().orElseThrow();
    }
}
