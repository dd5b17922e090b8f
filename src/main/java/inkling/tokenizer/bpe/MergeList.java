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
    private Optional<ModelFormatException> fault = Optional.empty();   // the first

    /**
     * @param source the file, for messages
     * @param ids of all tokens that merges may name
     */
    public MergeList(String source, Map<String, Integer> ids) {
        this.source = source;
        this.ids = ids;
    }

    /** The rank of the next merge. */
    public int size() {
        return merges.size();
    }

    /** Whether there is none, right or wrong. */
    public boolean isEmpty() {
        return merges.isEmpty() && fault.isEmpty();
    }

    /** A merge of two tokens. One that names no token is a fault, which {@link #all} reports. */
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

    /** What {@link #all} throws, if it is the first. */
    public void refuse(ModelFormatException why) {
        fault = fault.or(() -> Optional.of(why));
    }

    /** @throws ModelFormatException if a part of a merge or its result is no token, or a merge occurs twice */
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
