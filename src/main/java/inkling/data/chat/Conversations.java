package inkling.data.chat;

import inkling.data.Batch;
import inkling.data.Batches;
import inkling.data.EvaluationWindows;
import inkling.data.Shard;
import inkling.data.TokenLocation;
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
import inkling.errors.InklingException;
import inkling.errors.ModelFormatException;
import inkling.io.json.JsonFields;
import inkling.io.text.TextFiles;
import inkling.tokenizer.MarkedIds;
import inkling.tokenizer.MarkedText;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * Conversations to fine-tune on, from JSON lines or one JSON array. Each record has one of the shapes of {@link ConversationRecords}.
 *
 * <p>Each conversation is one window: T inputs, padded on the right. Its targets are only the tokens that the assistant writes, including
 * the end of each answer ({@link ChatFormat}). A conversation longer than T + 1 tokens loses its last turns until it fits. If no answer
 * remains, the conversation is left out. Remarks say how many were cut or left out. The tokens are kept in memory, 4 bytes each.
 *
 * <p>Roles: an optional system message, then user and assistant in turn, the assistant last. Results of tools may follow a message of the
 * assistant.
 */
public final class Conversations implements ChatExamples {
    /** How many conversations {@link #read} found, cut and left out. */
    private static final class Counts {
        private long all;
        private long cut;
        private long leftOut;

        /** How many records a validation fraction counts so far ({@link Reading}). */
        long records(Reading reading) {
            return reading == Reading.VERSION_0_1 ? all - leftOut : all;
        }
    }

    /** The conversations to train on and those to validate on. */
    public record Split(Conversations training, Conversations validation) {}

    private final String name;
    private final String sha256;
    private final int columns;
    private final List<int[]> conversations;   // a token to learn is stored as id, any other as ~id
    private final List<Long> numbers;          // the number of each conversation's record; records that were left out are not here
    private final List<Long> ends;             // the end of each piece that is cut by split(), in records (Reading.pieces)
    private final List<String> remarks;

    private Conversations(String name, String sha256, int columns, List<int[]> conversations, List<Long> numbers, List<Long> ends,
                          List<String> remarks) {
        this.name = name;
        this.sha256 = sha256;
        this.columns = columns;
        this.conversations = List.copyOf(conversations);
        this.numbers = List.copyOf(numbers);
        this.ends = List.copyOf(ends);
        this.remarks = List.copyOf(remarks);
    }

    /**
     * Reads the files that {@code paths} name, which are found as {@link Corpus#open} finds them.
     *
     * @param contextLength T
     * @throws ConfigException if records are not conversations; the message has file and line of the first ten. Also if no conversation has
     *     an answer within T + 1 tokens, or there is no conversation
     */
    public static Conversations read(List<String> paths, ChatFormat format, int contextLength) {
        return read(paths, Reading.PRESENT, format, contextLength);
    }

    /** As {@link #read(List, ChatFormat, int)}, with the rules of the version that began a run. */
    public static Conversations read(List<String> paths, Reading reading, ChatFormat format, int contextLength) {
        CorpusFiles found = CorpusFiles.find(paths, reading);
        List<String> remarks = new ArrayList<>(found.remarks());
        List<int[]> kept = new ArrayList<>();
        List<Long> numbers = new ArrayList<>();
        List<Long> ends = new ArrayList<>();
        Counts counts = new Counts();
        ConversationRecords records = new ConversationRecords(reading, format::obstacle);
        RecordFaults faults = new RecordFaults();
        for (Path file : found.files()) {
            TextFiles.Normalization changes = JsonRecords.read(file, reading, faults, (object, number) -> {
                ConversationRecords.Conversation conversation = records.conversation(object, number);
                List<Message> messages = conversation.messages();
                Optional<ConversationStart> start = writeNamingPlace(object, () ->
                    ConversationStart.longest(conversation.tools().map(format::with).orElse(format), messages, contextLength + 1));
                counts.all++;
                if (start.isEmpty()) {
                    counts.leftOut++;
                } else {
                    kept.add(ids(start.get().ids()));
                    numbers.add(counts.records(reading) - 1);
                    counts.cut += start.get().messages() < messages.size() ? 1 : 0;
                }
            });
            changes.conversion().ifPresent(what -> remarks.add(file + ": " + what));
            ends.add(counts.records(reading));
        }
        faults.throwIfAny();
        records.remark().ifPresent(what -> remarks.add(found.name() + ": " + what));
        requireSome(found.name(), contextLength, counts, remarks);
        return new Conversations(found.name(), found.sha256(), contextLength, kept, numbers, reading.pieces(ends), remarks);
    }

    /** Runs {@code writing}. If it fails, e.g. because the template refuses the conversation, the fault names file and line. */
    private static <T> T writeNamingPlace(JsonFields record, Supplier<T> writing) {
        try {
            return writing.get();
        } catch (InklingException e) {
            throw new ModelFormatException("%s: cannot be written as a conversation: %s".formatted(record.source(), e.getMessage()), e);
        }
    }

    /** As {@link CorpusFiles#sha256}, for the files that {@code paths} name. */
    public static String sha256(List<String> paths, Reading reading) {
        return CorpusFiles.find(paths, reading).sha256();
    }

    /** Each conversation as text in Inkling's own form ({@link ChatFormat}), e.g. for fitting a tokenizer to it. */
    public static List<String> texts(List<String> paths, Reading reading) {
        return texts(paths, reading, new ArrayList<>());
    }

    /**
     * The {@link #texts} without the share {@code fraction} at the end of each file, which is for validation. In a run that version 0.1
     * began, all files are cut as one.
     */
    public static List<String> trainingTexts(List<String> paths, Reading reading, double fraction) {
        List<Long> ends = new ArrayList<>();
        List<String> texts = texts(paths, reading, ends);
        return Cut.take(texts, Cut.of(fraction, reading.pieces(ends)).training());
    }

    private static List<String> texts(List<String> paths, Reading reading, List<Long> ends) {
        List<String> texts = new ArrayList<>();
        ConversationRecords records = new ConversationRecords(reading, key -> Optional.empty());
        RecordFaults faults = new RecordFaults();
        for (Path file : CorpusFiles.find(paths, reading).files()) {
            JsonRecords.read(file, reading, faults, (object, number) -> 
                texts.add(ComposedChat.text(records.conversation(object, number).messages())));
            ends.add((long) texts.size());
        }
        faults.throwIfAny();
        return texts;
    }

    /** Adds remarks on conversations that were cut or left out. @throws ConfigException if no conversation was kept */
    private static void requireSome(String name, int contextLength, Counts counts, List<String> remarks) {
        if (counts.all == 0) {
            throw new ConfigException("%s is empty: no conversation to learn from.".formatted(name));
        }
        if (counts.all == counts.leftOut) {
            throw new ConfigException(("%s: none of %d conversations has an answer within context_length %d + 1 tokens. Set a larger"
                + " context_length, or give shorter conversations.").formatted(name, counts.all, contextLength));
        }
        if (counts.cut > 0) {
            remarks.add("%s: %d of %d conversations are longer than context_length %d: their last turns are cut off"
                .formatted(name, counts.cut, counts.all, contextLength));
        }
        if (counts.leftOut > 0) {
            remarks.add("%s: %d of %d conversations have no answer within context_length %d: they are left out"
                .formatted(name, counts.leftOut, counts.all, contextLength));
        }
    }

    /** The ids of a conversation: a token to learn as its id, any other as ~id. */
    static int[] ids(MarkedIds encoded) {
        return IntStream.range(0, encoded.ids().length)
            .map(i -> encoded.has(i, MarkedText.LEARNED) ? encoded.ids()[i] : ~encoded.ids()[i]).toArray();
    }

    @Override
    public String kind() {
        return "conversations";
    }

    @Override
    public int count() {
        return conversations.size();
    }

    /** As {@link #sha256(List, Reading)} gives it. For conversations from {@link #of(TokenLocation, int)}, the key of their token file. */
    public String sha256() {
        return sha256;
    }

    /** Remarks for the user: files left out, conversations cut or left out, keys that were ignored, encodings that were converted. */
    public List<String> remarks() {
        return remarks;
    }

    /**
     * The first floor((1 − fraction)·n) of each file's n conversations are for training, the others for validation. Those that were left
     * out count, too, so the cut is that of {@link #trainingTexts}. In a run that version 0.1 began, all files are cut as one, and only the
     * conversations that were kept count.
     */
    public Split split(double fraction) {
        Cut cut = Cut.ofRecords(name, kind(), fraction, ends, numbers);
        return new Split(part(cut.training()), part(cut.validation()));
    }

    /** Conversations that count as one file from which none was left out. */
    private static Conversations whole(String name, String sha256, int columns, List<int[]> all, List<String> remarks) {
        return new Conversations(name, sha256, columns, all, Cut.whole(all.size()), List.of((long) all.size()), remarks);
    }

    private Conversations part(List<Cut.Range> ranges) {
        List<int[]> part = Cut.take(conversations, ranges);
        return whole(name, sha256, columns, part, remarks);
    }

    /**
     * One worker's share of n conversations: from number floor(worker · n / workers) up to, but not including, the next worker's first.
     *
     * @throws ConfigException if there are fewer conversations than workers
     */
    public Conversations shard(Shard shard) {
        if (count() < shard.workers()) {
            throw new ConfigException("cluster.workers = %d: there are only %d training conversations. Take fewer workers, or give more."
                .formatted(shard.workers(), count()));
        }
        return part(List.of(new Cut.Range(shard.from(count()), shard.to(count()))));
    }

    /**
     * Writes these conversations durably, for other processes to read with {@link #of(TokenLocation, int)}.
     *
     * @param key SHA-256 of a description of the conversations' source ({@link inkling.data.TokenFile#write})
     * @param vocabSize how many ids the tokenizer has
     */
    public TokenLocation write(Path file, String key, int vocabSize) {
        return ConversationTokens.write(file, key, vocabSize, conversations);
    }

    /** Reads what {@link #write} wrote; {@code columns} is T. */
    public static Conversations of(TokenLocation written, int columns) {
        List<int[]> all = ConversationTokens.read(written);
        return whole(written.parts().get(0).file(), written.parts().get(0).key(), columns, all, List.of());
    }

    @Override
    public Batches batches(Order order, int rows, long seed) {
        return microStep -> {
            Batch.Draft batch = new Batch.Draft(rows, columns);
            for (int r = 0; r < rows; r++) {
                long draw = microStep * rows + r;
                fill(switch (order) {
                    case SEQUENTIAL -> draw % count();
                    case RANDOM -> WindowDraws.TRAINING.at(seed, draw, count());
                }, r, batch);
            }
            return batch.toBatch();
        };
    }

    @Override
    public EvaluationWindows windows(int rows) {
        return new EvaluationWindows(count(), rows, columns, this::fill);
    }

    @Override
    public EvaluationWindows windows(int rows, int batches, long seed) {
        return new EvaluationWindows((long) batches * rows, rows, columns,
            (window, row, batch) -> fill(WindowDraws.EVALUATION.at(seed, window, count()), row, batch));
    }

    private void fill(long conversation, int row, Batch.Draft batch) {
        write(conversations.get((int) conversation), row, batch);
    }

    /**
     * Writes a conversation to a row of a batch.
     *
     * @param tokens a token to learn as its id, any other as ~id
     */
    static void write(int[] tokens, int row, Batch.Draft batch) {
        for (int i = 0; i < Math.min(batch.columns(), tokens.length); i++) {
            int at = row * batch.columns() + i;
            batch.ids()[at] = tokens[i] >= 0 ? tokens[i] : ~tokens[i];
            batch.targets()[at] = i + 1 < tokens.length && tokens[i + 1] >= 0 ? tokens[i + 1] : Batch.IGNORED;
        }
    }
}
