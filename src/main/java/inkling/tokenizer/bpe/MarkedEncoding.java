package inkling.tokenizer.bpe;

import inkling.tokenizer.IntList;
import inkling.tokenizer.MarkedIds;
import inkling.tokenizer.MarkedText;
import inkling.tokenizer.UnknownCharacters;
import inkling.tokenizer.split.Gpt2Split;
import inkling.tokenizer.split.Normalizer;
import inkling.tokenizer.split.TextPlace;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Encodes a {@link MarkedText}: a text in runs, each with marks, e.g. {@link MarkedText#PLAIN} for what a user wrote. The ids are the same
 * as without marks, except that no special token is found in PLAIN characters. Encoding with marks is slower.
 */
final class MarkedEncoding {
    private final BpeModel model;
    private final PieceEncoder pieces;
    private final AddedTokens added;
    private final Map<TextPlace, BpeTokenizer.Preparation> preparations;
    private final IntList ids = new IntList(64);
    private final IntList marks = new IntList(64);
    private final UnknownCharacters unknown = new UnknownCharacters();

    MarkedEncoding(BpeModel model, PieceEncoder pieces, AddedTokens added, Map<TextPlace, BpeTokenizer.Preparation> preparations) {
        this.model = model;
        this.pieces = pieces;
        this.added = added;
        this.preparations = preparations;
    }

    MarkedIds of(MarkedText text) {
        Marked raw = Marked.of(text);
        added.raw().find(raw.utf8(), 0, raw.utf8().length, raw::allows, new AddedTokenFinder.Sink() {
            @Override
            public void text(int from, int to) {
                encodeStretch(from == 0 ? TextPlace.START : TextPlace.LATER, raw.part(from, to));
            }

            @Override
            public void token(BpeModel.AddedToken token, int from, int to) {
                add(token.id(), raw.marks(from, to));
            }
        });
        unknown.throwIfAny("Use a vocabulary that has them, or other text.");
        return new MarkedIds(ids.toArray(), marks.toArray());
    }

    private void add(int id, int marks) {
        ids.add(id);
        this.marks.add(marks);
    }

    /** Normalizes, splits and encodes the text between two added tokens. */
    private void encodeStretch(TextPlace place, Marked raw) {
        Marked normal = raw.changed(place, (bytes, where) -> {
            Normalizer.Span span = preparations.get(where).normalizer().normalize(new Normalizer.Span(bytes, 0, bytes.length));
            return Arrays.copyOfRange(span.utf8(), span.from(), span.to());
        });
        added.normalized().find(normal.utf8(), 0, normal.utf8().length, normal::allows, new AddedTokenFinder.Sink() {
            @Override
            public void text(int from, int to) {
                splitAndEncode(from == 0 ? place : TextPlace.LATER, normal.part(from, to));
            }

            @Override
            public void token(BpeModel.AddedToken token, int from, int to) {
                add(token.id(), normal.marks(from, to));
            }
        });
    }

    /**
     * Splits text into pieces and encodes each. Some kinds of split add or remove characters, so the pieces are not always slices of the
     * text. The local variable {@code whole} therefore has the bytes of all pieces together, with their marks.
     */
    private void splitAndEncode(TextPlace place, Marked text) {
        Marked whole = text.changed(place, (bytes, where) -> {
            ByteArrayOutputStream all = new ByteArrayOutputStream(bytes.length);
            preparations.get(where).split().split(bytes, 0, bytes.length, (utf8, from, to) -> all.write(utf8, from, to - from));
            return all.toByteArray();
        });
        int[] done = {0};
        preparations.get(place).split().split(text.utf8(), 0, text.utf8().length, (utf8, from, to) -> {
            encodePiece(utf8, from, to, whole.part(done[0], done[0] + to - from));
            done[0] += to - from;
        });
    }

    private void encodePiece(byte[] utf8, int from, int to, Marked piece) {
        IntList own = new IntList(to - from);
        pieces.add(utf8, from, to, own, (bytes, at) -> unknown.add(Gpt2Split.codePoint(bytes, at), UnknownCharacters.NOWHERE));
        int[] tokens = own.toArray();
        int[] ends = new int[tokens.length];
        int length = 0;
        for (int i = 0; i < tokens.length; i++) {
            length += length(tokens[i]);
            ends[i] = length;
        }
        // an unknown token does not tell for how many bytes it stands; if there is one, each id gets all marks of the piece
        boolean exact = length == to - from;
        for (int i = 0; i < tokens.length; i++) {
            add(tokens[i], exact ? piece.marks(i == 0 ? 0 : ends[i - 1], ends[i]) : piece.marks(0, to - from));
        }
    }

    /** For how many bytes of a piece the token stands. */
    private int length(int id) {
        String token = model.tokens().get(id);
        return switch (model.symbols().kind()) {
            case BYTES -> token.length();   // one character of the byte alphabet for each byte
            case CHARACTERS -> token.getBytes(StandardCharsets.UTF_8).length;
            case CHARACTERS_OR_BYTES -> token.matches("<0x[0-9A-F]{2}>") ? 1 : token.getBytes(StandardCharsets.UTF_8).length;
        };
    }

    /** A text in UTF-8, with the marks of each byte. */
    private record Marked(byte[] utf8, byte[] marks) {
        private static final byte[] BLANK = "▁".getBytes(StandardCharsets.UTF_8);

        /** The text that normalizing or splitting makes of a stretch at {@code place}. */
        private interface Change {
            byte[] of(byte[] utf8, TextPlace place);
        }

        static Marked of(MarkedText text) {
            byte[] utf8 = text.text().getBytes(StandardCharsets.UTF_8);
            byte[] marks = new byte[utf8.length];
            int from = 0;
            int at = 0;
            for (MarkedText.Run run : text.runs()) {
                int length = text.text().substring(from, run.end()).getBytes(StandardCharsets.UTF_8).length;
                Arrays.fill(marks, at, Math.min(marks.length, at + length), (byte) run.marks());
                at = Math.min(marks.length, at + length);
                from = run.end();
            }
            return new Marked(utf8, marks);
        }

        Marked part(int from, int to) {
            return from == 0 && to == utf8.length ? this
                : new Marked(Arrays.copyOfRange(utf8, from, to), Arrays.copyOfRange(marks, from, to));
        }

        int marks(int from, int to) {
            int all = 0;
            for (int i = from; i < to; i++) {
                all |= marks[i];
            }
            return all;
        }

        /**
         * Whether the token may be found at {@code [from, to)}. A special token may be found only if none of its characters is PLAIN, apart
         * from blanks at its beginning. Any other token may always be found.
         */
        boolean allows(BpeModel.AddedToken token, int from, int to) {
            int start = from;
            while (start < to && (utf8[start] == ' ' || isAt(start, to, BLANK))) {
                start += utf8[start] == ' ' ? 1 : BLANK.length;
            }
            return !token.special() || (marks(start, to) & MarkedText.PLAIN) == 0;
        }

        private boolean isAt(int at, int to, byte[] bytes) {
            return at + bytes.length <= to && Arrays.equals(utf8, at, at + bytes.length, bytes, 0, bytes.length);
        }

        /** The changed text. Each byte has the marks of the run that it came from, or all marks if these runs are not known. */
        Marked changed(TextPlace place, Change change) {
            byte[] whole = change.of(utf8, place);
            if (Arrays.equals(whole, utf8)) {
                return new Marked(whole, marks);
            }
            List<int[]> runs = separable(place, change);
            byte[] all = new byte[whole.length];
            int at = 0;
            for (int[] run : runs) {
                Arrays.fill(all, at, Math.min(all.length, at + run[2]), (byte) marks(run[0], run[1]));
                at = Math.min(all.length, at + run[2]);
            }
            if (runs.stream().mapToInt(run -> run[2]).sum() != whole.length) {
                Arrays.fill(all, (byte) marks(0, utf8.length));   // the borders of the runs are not known
            }
            return new Marked(whole, all);
        }

        /**
         * Runs of equal marks, each as {from, to, length after the change}. Two runs count as one if the change reaches across their
         * border, e.g. if an accent joins the letter before it.
         */
        private List<int[]> separable(TextPlace place, Change change) {
            List<int[]> runs = new ArrayList<>();
            byte[] last = new byte[0];
            for (int from = 0, to; from < utf8.length; from = to) {
                to = from + 1;
                while (to < utf8.length && marks[to] == marks[from]) {
                    to++;
                }
                byte[] next = change.of(Arrays.copyOfRange(utf8, from, to), from == 0 ? place : TextPlace.WITHIN);
                if (!runs.isEmpty()) {
                    int[] before = runs.get(runs.size() - 1);
                    byte[] joined = change.of(Arrays.copyOfRange(utf8, before[0], to), before[0] == 0 ? place : TextPlace.WITHIN);
                    if (joined.length != last.length + next.length || !Arrays.equals(joined, 0, last.length, last, 0, last.length)) {
                        before[1] = to;
                        before[2] = joined.length;
                        last = joined;
                        continue;
                    }
                }
                runs.add(new int[] {from, to, next.length});
                last = next;
            }
            return runs;
        }
    }
}
