package inkling.data.chat;

import inkling.data.chat.ChatFormat.Message;
import inkling.data.chat.ChatFormat.Role;
import inkling.tokenizer.MarkedIds;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The first messages of a conversation, which together fit into a window.
 *
 * @param messages how many messages it has
 * @param ids these messages as tokens
 */
record ConversationStart(int messages, MarkedIds ids) {
    /**
     * Finds the longest beginning that has at most {@code longest} tokens and ends with an answer. Empty if even the first answer does not
     * fit. The binary search assumes that more messages never have fewer tokens.
     */
    static Optional<ConversationStart> longest(ChatFormat format, List<Message> messages, int longest) {
        int[] ends = IntStream.rangeClosed(1, messages.size()).filter(n -> messages.get(n - 1).role() == Role.ASSISTANT).toArray();
        int most = ends.length - 1;
        int low = 0;
        Optional<ConversationStart> start = Optional.empty();
        while (low <= most) {
            int tried = start.isEmpty() && most == ends.length - 1 ? most : (low + most) >>> 1;   // most conversations fit whole
            MarkedIds ids = format.encode(messages.subList(0, ends[tried]));
            if (ids.ids().length <= longest) {
                start = Optional.of(new ConversationStart(ends[tried], ids));
                low = tried + 1;
            } else {
                most = tried - 1;
            }
        }
        return start;
    }
}
