package inkling.tokenizer.decode;

import java.nio.charset.StandardCharsets;
import java.util.List;

/** How tokens become text: the {@code decoder} of tokenizer.json. */
public sealed interface Decoder {
    /** For tokens of bytes, written in GPT-2's byte alphabet. An added token stands for its own text. */
    Decoder BYTES = new ByteLevel();

    record ByteLevel() implements Decoder {}

    /**
     * Passes each token through {@code steps}, one after the other.
     *
     * @param steps in order; after a {@link Fuse}, which joins all tokens into one, only {@link Strip} and further Fuses may follow
     */
    record Steps(List<Step> steps) implements Decoder {
        public Steps {
            steps = List.copyOf(steps);
        }

        /**
         * The bytes of a token in the middle of a text: {@code " the"} for {@code ▁the}, the byte 0xE2 for {@code <0xE2>}. A {@link Strip}
         * changes them only if it stands before any {@link Fuse}; after one, it changes the beginning of the text.
         */
        public byte[] bytes(String token) {
            String text = token;
            for (Step step : steps) {
                if (step instanceof Fuse) {
                    break;
                }
                if (step instanceof ByteFallback && ByteFallback.isByte(text)) {
                    int value = ByteFallback.value(text);
                    if (value > 0x7F) {
                        return new byte[] {(byte) value};   // no text by itself
                    }
                    text = Character.toString(value);
                }
                text = step.apply(text);
            }
            return text.getBytes(StandardCharsets.UTF_8);
        }
    }

    /** One change of a token. */
    sealed interface Step {
        /** The token after this step. A step that needs the neighbouring tokens too, such as {@link Fuse}, returns it unchanged. */
        default String apply(String token) {
            return token;
        }
    }

    /** Replaces every {@code pattern} in a token by {@code content}. */
    record Replace(String pattern, String content) implements Step {
        @Override
        public String apply(String token) {
            return token.replace(pattern, content);
        }
    }

    /**
     * Turns each {@code replacement} into a blank. If the encoder put a blank before the text ({@code prepended}), the blanks of the first
     * token are dropped.
     */
    record Metaspace(String replacement, boolean prepended) implements Step {
        @Override
        public String apply(String token) {
            return token.replace(replacement, " ");
        }
    }

    /** Decodes neighbouring tokens such as {@code <0xE2>} together as UTF-8. If their bytes are not valid, each becomes U+FFFD. */
    record ByteFallback() implements Step {
        static boolean isByte(String token) {
            return token.length() == 6 && token.startsWith("<0x") && token.endsWith(">") && digit(token.charAt(3)) >= 0
                && digit(token.charAt(4)) >= 0;
        }

        static int value(String token) {
            return digit(token.charAt(3)) << 4 | digit(token.charAt(4));
        }

        private static int digit(char c) {
            return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
        }
    }

    /** Joins all tokens into one. */
    record Fuse() implements Step {}

    /** Removes the character {@code content} up to {@code start} times from the beginning of each token. */
    record Strip(String content, int start) implements Step {
        @Override
        public String apply(String token) {
            return apply(token, start);
        }

        String apply(String token, int most) {
            String rest = token;
            for (int i = 0; i < most && rest.startsWith(content); i++) {
                rest = rest.substring(content.length());
            }
            return rest;
        }
    }
}
