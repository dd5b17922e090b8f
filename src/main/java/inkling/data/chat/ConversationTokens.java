package inkling.data.chat;

import inkling.data.TokenFile;
import inkling.data.TokenLocation;
import inkling.data.Tokens;
import inkling.io.DurableFiles;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Stores conversations in a token file, so that other processes can learn from them. V is the size of the tokenizer's vocabulary. A token
 * to learn is stored as 2·id + 1, any other token as 2·id, and each conversation ends with 2·V. So the file's own vocabulary size is 2·V +
 * 1.
 */
final class ConversationTokens {
    private static final int READ_AT_ONCE = 1 << 16;

    private ConversationTokens() {}

    /**
     * Writes {@code conversations} to {@code file}, which is replaced if it exists.
     *
     * @param vocabSize V
     * @param conversations the tokens of each: a token to learn as its id, any other as ~id
     */
    static TokenLocation write(Path file, String key, int vocabSize, List<int[]> conversations) {
        int end = Math.multiplyExact(2, vocabSize);
        long count = TokenFile.write(DurableFiles.SYSTEM, file, key, end + 1, sink -> conversations.forEach(tokens -> {
            int[] marked = Arrays.copyOf(Arrays.stream(tokens).map(token -> token >= 0 ? 2 * token + 1 : 2 * ~token).toArray(),
                tokens.length + 1);
            marked[tokens.length] = end;
            sink.accept(marked);
        }));
        return new TokenLocation(List.of(new TokenLocation.Part(file.toAbsolutePath().toString(), key, end + 1, 0, count)));
    }

    /** Reads what {@link #write} wrote. */
    static List<int[]> read(TokenLocation location) {
        Tokens tokens = location.open();
        int end = location.vocabSize() - 1;
        List<int[]> conversations = new ArrayList<>();
        int[] conversation = new int[READ_AT_ONCE];
        int length = 0;
        long[] read = new long[READ_AT_ONCE];
        for (long from = 0; from < tokens.count(); from += READ_AT_ONCE) {
            int some = (int) Math.min(READ_AT_ONCE, tokens.count() - from);
            tokens.read(from, read, 0, some);
            for (int i = 0; i < some; i++) {
                int marked = (int) read[i];
                if (marked == end) {
                    conversations.add(Arrays.copyOf(conversation, length));
                    length = 0;
                    continue;
                }
                conversation = length < conversation.length ? conversation : Arrays.copyOf(conversation, 2 * length);
                conversation[length++] = marked % 2 == 1 ? marked / 2 : ~(marked / 2);
            }
        }
        return conversations;
    }
}
