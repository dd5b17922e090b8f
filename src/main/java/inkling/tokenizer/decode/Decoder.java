package inkling.tokenizer.decode;

import inkling.tokenizer.split.Metaspace;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** How tokens become text: the {@code decoder} of tokenizer.json. */
public sealed interface Decoder {
    /** Each token is bytes in GPT-2's alphabet; an added token is its own text. */
    Decoder BYTES = new ByteLevel();

    record ByteLevel() implements Decoder {}

    /**
     * Changes tokens one after another, each of {@code steps} in turn.
     *
     * @param steps a {@link Fuse} makes one token of all; behind it only {@link Strip} can stand
     */
    record Steps(List<Step> steps) implements Decoder {
        public Steps {
            steps = List.copyOf(steps);
        }

        /** The bytes of a token within a text: {@code " the"} of {@code ▁the}, 0xE2 of {@code <0xE2>}. */
        public byte[] bytes(String token) {
            String text = token;
            for (Step step : steps) {
                if (step instanceof ByteFallback && ByteFallback.isByte(text)) {
                    return new byte[] {(byte) ByteFallback.value(text)};
                }
                text = step instanceof Replace replace ? replace.apply(text) : step instanceof Metaspace meta ? meta.apply(text) : text;
            }
            return text.getBytes(StandardCharsets.UTF_8);
        }
    }

    sealed interface Step {}

    /** In each token, every {@code pattern} becomes {@code content}. */
    record Replace(String pattern, String content) implements Step {
        String apply(String token) {
            return token.replace(pattern, content);
        }
    }

    /** Every {@code replacement} becomes a blank; in a text's first token none, where one was put before the text. */
    record Metaspace(String replacement, boolean prepended) implements Step {
        String apply(String token) {
            return token.replace(replacement, " ");
        }
    }

    /** Tokens {@code <0xE2>} side by side are UTF-8; if they are not, each is U+FFFD. */
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

    /** All tokens become one. */
    record Fuse() implements Step {}

    /** Takes up to {@code start} of {@code content}, one character, from the beginning of each token. */
    record Strip(String content, int start) implements Step {
        String apply(String token, int most) {
            String rest = token;
            for (int i = 0; i < most && rest.startsWith(content); i++) {
                rest = rest.substring(content.length());
            }
            return rest;
        }
    }
}
