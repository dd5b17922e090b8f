package inkling.data.chat;

import inkling.data.Batch;
import inkling.data.Batches;
import inkling.data.EvaluationWindows;
import inkling.data.WindowDraws;
import inkling.data.chat.ChatFormat.Message;
import inkling.data.source.Corpus;
import inkling.data.source.CorpusFiles;
import inkling.data.source.Cut;
import inkling.data.source.DataConfig.Order;
import inkling.data.source.JsonRecords;
import inkling.data.source.Reading;
import inkling.data.source.RecordFaults;
import inkling.errors.ConfigException;
import inkling.io.text.TextFiles;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Pairs of answers to fine-tune on, a better one (chosen) and a worse one (rejected), from JSON lines or one JSON array. Each record has
 * one of the shapes of {@link PreferenceRecords}.
 *
 * <p>A pair is two windows: the conversation with the chosen answer, and the conversation with the rejected answer. Each is padded on the
 * right to T tokens. Its targets are the tokens of the chosen or rejected answer, including its end. Earlier answers are part of the prompt
 * and are not learned. A pair is left out if either conversation is longer than T + 1 tokens, or if both have the same tokens. Remarks say
 * how many pairs were left out. The tokens are kept in memory, 4 bytes each.
 */
public final class Preferences implements ChatExamples {
    /** How many pairs {@link #read} found and left out, for its remarks. */
    private static final class Counts {
        private int all;
        private int tooLong;
        private int equal;
    }

    /** The pairs to train on and those to validate on. */
    public record Split(Preferences training, Preferences validation) {}

    private record Tokens(int[] chosen, int[] rejected) {}   // a token to learn is stored as id, any other as ~id

    private final String name;
    private final int columns;
    private final List<Tokens> pairs;
    private final List<Long> ends;             // how many pairs were kept up to the end of each file; a part of a split counts as one file
    private final List<String> remarks;
    private final double[] reference;          // log-probabilities, as given to withReference; until then all are 0

    private Preferences(String name, int columns, List<Tokens> pairs, List<Long> ends, List<String> remarks, double[] reference) {
        this.name = name;
        this.columns = columns;
        this.pairs = List.copyOf(pairs);
        this.ends = List.copyOf(ends);
        this.remarks = List.copyOf(remarks);
        this.reference = reference;
    }

    /**
     * Reads files as {@link Corpus#open} finds them.
     *
     * @param contextLength T
     * @throws ConfigException if records are not pairs of answers; the message has file and line of the first ten. Also if every pair has
     *     to be left out, or there is none
     */
    public static Preferences read(List<String> paths, ChatFormat format, int contextLength) {
        CorpusFiles found = CorpusFiles.find(paths, Reading.PRESENT);
        List<String> remarks = new ArrayList<>(found.remarks());
        List<Tokens> kept = new ArrayList<>();
        List<Long> ends = new ArrayList<>();
        Counts counts = new Counts();
        PreferenceRecords records = new PreferenceRecords();
        RecordFaults faults = new RecordFaults();
        for (Path file : found.files()) {
            TextFiles.Normalization changes = JsonRecords.read(file, Reading.PRESENT, faults, (object, number) -> {
                PreferenceRecords.Pair pair = records.pair(object, number);
                Tokens tokens = new Tokens(ids(format, pair.with(pair.chosen()), pair.chosen().size()),
                    ids(format, pair.with(pair.rejected()), pair.rejected().size()));
                boolean equal = Arrays.equals(tokens.chosen, tokens.rejected);
                boolean fits = Math.max(tokens.chosen.length, tokens.rejected.length) <= contextLength + 1;
                counts.all++;
                counts.tooLong += fits ? 0 : 1;
                counts.equal += fits && equal ? 1 : 0;
                if (fits && !equal) {
                    kept.add(tokens);
                }
            });
            changes.conversion().ifPresent(what -> remarks.add(file + ": " + what));
            ends.add((long) kept.size());
        }
        faults.throwIfAny();
        records.remark().ifPresent(what -> remarks.add(found.name() + ": " + what));
        return of(found.name(), contextLength, kept, ends, counts, remarks);
    }

    private static Preferences of(String name, int contextLength, List<Tokens> kept, List<Long> ends, Counts counts, List<String> remarks) {
        if (counts.all == 0) {
            throw new ConfigException("%s is empty: no pair of answers to learn from.".formatted(name));
        }
        if (kept.isEmpty()) {
            throw new ConfigException(("%s: none of %d pairs can be learned from: %d are longer than context_length %d + 1 tokens,"
                + " %d have two equal answers. Set a larger context_length, or give shorter pairs.")
                .formatted(name, counts.all, counts.tooLong, contextLength, counts.equal));
        }
        if (counts.tooLong > 0) {
            remarks.add("%s: %d of %d pairs are longer than context_length %d: they are left out"
                .formatted(name, counts.tooLong, counts.all, contextLength));
        }
        if (counts.equal > 0) {
            remarks.add("%s: %d of %d pairs have two equal answers: these pairs are left out".formatted(name, counts.equal, counts.all));
        }
        return new Preferences(name, contextLength, kept, ends, remarks, new double[2 * kept.size()]);
    }

    /** Each conversation of each pair as text in Inkling's own form ({@link ChatFormat}). */
    public static List<String> texts(List<String> paths) {
        List<String> texts = new ArrayList<>();
        PreferenceRecords records = new PreferenceRecords();
        RecordFaults faults = new RecordFaults();
        for (Path file : CorpusFiles.find(paths, Reading.PRESENT).files()) {
            JsonRecords.read(file, Reading.PRESENT, faults, (object, number) -> {
                PreferenceRecords.Pair pair = records.pair(object, number);
                texts.add(ComposedChat.text(pair.with(pair.chosen())));
                texts.add(ComposedChat.text(pair.with(pair.rejected())));
            });
        }
        faults.throwIfAny();
        return texts;
    }

    /** Encodes a conversation. Its last {@code answers} messages are the answer to learn. */
    private static int[] ids(ChatFormat format, List<Message> messages, int answers) {
        return Conversations.ids(format.encode(messages, messages.size() - answers));
    }

    @Override
    public String kind() {
        return "pairs";
    }

    @Override
    public int count() {
        return pairs.size();
    }

    /** T, the tokens of a window. */
    public int columns() {
        return columns;
    }

    /** Remarks for the user: files and pairs left out, keys that were ignored, encodings that were converted. */
    public List<String> remarks() {
        return remarks;
    }

    /**
     * The first floor((1 − fraction)·n) of each file's n pairs are for training, the others for validation. Pairs that were left out do not
     * count.
     */
    public Split split(double fraction) {
        Cut cut = Cut.ofRecords(name, kind(), fraction, ends, Cut.whole(count()));
        return new Split(part(cut.training()), part(cut.validation()));
    }

    private Preferences part(List<Cut.Range> ranges) {
        List<Tokens> part = Cut.take(pairs, ranges);
        return new Preferences(name, columns, part, List.of((long) part.size()), remarks, new double[2 * part.size()]);
    }

    /**
     * These pairs with the log-probabilities of a reference model.
     *
     * @param reference the log-probability of each answer, summed over its tokens, in nats. Pair i has its chosen answer at index 2i, its
     *     rejected answer at 2i + 1
     */
    public Preferences withReference(double[] reference) {
        if (reference.length != 2 * count()) {
            throw new IllegalArgumentException("%d log-probabilities of %d pairs".formatted(reference.length, count()));
        }
        return new Preferences(name, columns, pairs, ends, remarks, reference.clone());
    }

    @Override
    public Batches batches(Order order, int batch, long seed) {
        return microStep -> {
            Batch.Draft draft = Batch.Draft.paired(2 * batch, columns);
            for (int r = 0; r < batch; r++) {
                long draw = microStep * batch + r;
                long pair = switch (order) {
                    case SEQUENTIAL -> draw % count();
                    case RANDOM -> WindowDraws.TRAINING.at(seed, draw, count());
                };
                fill(2 * pair, 2 * r, draft);
                fill(2 * pair + 1, 2 * r + 1, draft);
            }
            return draft.toBatch();
        };
    }

    @Override
    public EvaluationWindows windows(int batch) {
        return EvaluationWindows.ofPairs(count(), batch, columns, this::fill);
    }

    @Override
    public EvaluationWindows windows(int batch, int batches, long seed) {
        return EvaluationWindows.ofPairs((long) batches * batch, batch, columns,
            (window, row, draft) -> fill(2 * WindowDraws.EVALUATION.at(seed, window / 2, count()) + window % 2, row, draft));
    }

    /**
     * Writes an answer's window to a row of a batch.
     *
     * @param answer 2i for the chosen answer of pair i, 2i + 1 for the rejected one
     */
    private void fill(long answer, int row, Batch.Draft draft) {
        Tokens pair = pairs.get((int) (answer / 2));
        Conversations.write(answer % 2 == 0 ? pair.chosen : pair.rejected, row, draft);
        draft.reference()[row] = reference[(int) answer];
    }
}
