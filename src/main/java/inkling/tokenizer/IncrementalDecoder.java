package inkling.tokenizer;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/**
 * Text from ids as they come, for a terminal: the bytes of an unfinished character wait for the ids that finish it. All answers together,
 * with that of {@link #end}, are {@link Tokenizer#decode} of all ids.
 */
public final class IncrementalDecoder {
    private final Tokenizer tokenizer;
    private final CharsetDecoder utf8 = StandardCharsets.UTF_8.newDecoder()
        .onMalformedInput(CodingErrorAction.REPLACE).onUnmappableCharacter(CodingErrorAction.REPLACE);
    private byte[] waiting = new byte[0];

    public IncrementalDecoder(Tokenizer tokenizer) {
        this.tokenizer = tokenizer;
    }

    /** The text that {@code id} completes; often all of its own, sometimes none. */
    public String next(int id) {
        byte[] bytes = tokenizer.bytes(id);
        if (bytes.length == 0) { // a special token: written out as its name
            return end() + tokenizer.decode(new int[] {id});
        }
        ByteBuffer in = ByteBuffer.allocate(waiting.length + bytes.length).put(waiting).put(bytes).flip();
        CharBuffer out = CharBuffer.allocate(in.remaining() + 1);
        utf8.reset().decode(in, out, false);
        waiting = new byte[in.remaining()];
        in.get(waiting);
        return out.flip().toString();
    }

    /** What is still waiting, as U+FFFD; after that a new text may begin. */
    public String end() {
        String rest = new String(waiting, StandardCharsets.UTF_8);
        waiting = new byte[0];
        return rest;
    }
}
