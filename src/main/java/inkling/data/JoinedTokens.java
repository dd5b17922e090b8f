package inkling.data;

import inkling.errors.ModelFormatException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReferenceArray;

/** Parts of token files, one after the other, as one text. The file of a part is opened when one of the part's ids is first read. */
final class JoinedTokens implements Tokens {
    private final List<TokenLocation.Part> parts;
    private final long[] begins;   // the position of each part's first id, and at the end the number of all ids
    private final AtomicReferenceArray<TokenFile> open;

    JoinedTokens(List<TokenLocation.Part> parts) {
        this.parts = parts;
        begins = new long[parts.size() + 1];
        for (int i = 0; i < parts.size(); i++) {
            begins[i + 1] = begins[i] + parts.get(i).count();
        }
        open = new AtomicReferenceArray<>(parts.size());
    }

    @Override
    public long count() {
        return begins[parts.size()];
    }

    private int partAt(long position) {
        int found = Arrays.binarySearch(begins, Objects.checkIndex(position, count()));
        int part = found < 0 ? -found - 2 : found;
        while (begins[part + 1] == position) {
            part++;   // an empty part begins where the next one does
        }
        return part;
    }

    private TokenFile file(int index) {
        TokenFile file = open.get(index);
        if (file == null) {
            TokenLocation.Part part = parts.get(index);
            file = TokenFile.open(Path.of(part.file()), part.key(), part.vocabSize());
            if (file.count() < part.to()) {
                throw new ModelFormatException("%s has %,d ids, expected %,d at least.".formatted(part.file(), file.count(), part.to()));
            }
            open.set(index, file);
        }
        return file;
    }

    @Override
    public int at(long position) {
        int part = partAt(position);
        return file(part).at(parts.get(part).from() + position - begins[part]);
    }

    @Override
    public void read(long from, long[] into, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, into.length);
        Objects.checkFromIndexSize(from, (long) length, count());
        for (int done = 0; done < length; ) {
            int part = partAt(from + done);
            long within = from + done - begins[part];
            int some = (int) Math.min(length - done, parts.get(part).count() - within);
            file(part).read(parts.get(part).from() + within, into, offset + done, some);
            done += some;
        }
    }
}
