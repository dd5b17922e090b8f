package inkling.serve.api;

import inkling.generate.Generation.FinishReason;
import inkling.generate.TokenText;
import inkling.serve.batch.TokenLogprobs;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * One answer of a request as it grows. Tokens and text arrive separately: the text of a token is held back as long as it may be the
 * beginning of a stop string. A token is sent with the piece of text in which the token's own text begins; a token whose text was cut off
 * (by a stop string) is not sent.
 */
final class Choice {
    /** What was added to a choice. */
    record Growth(String text, List<ScoredToken> tokens) {}

    private final int index;
    private final TokenText tokenText;
    private final TokenText.Stream decoder;
    private final int echoed;
    private final StringBuilder text = new StringBuilder();
    private final List<ScoredToken> sent = new ArrayList<>();
    private final Deque<ScoredToken> unsent = new ArrayDeque<>();
    private int decoded;
    private Optional<FinishReason> finish = Optional.empty();
    private int tokens;

    Choice(int index, int[] prompt, TokenText tokenText, EchoedPrompt echo) {
        this.index = index;
        this.tokenText = tokenText;
        this.decoder = tokenText.streamBehind(prompt);
        this.echoed = echo.text().length();
        this.decoded = echoed;
        this.text.append(echo.text());
        this.sent.addAll(echo.tokens());
    }

    int index() {
        return index;
    }

    /** Adds a drawn token; {@link #text} returns it when its text has come. */
    void token(TokenLogprobs logprobs) {
        String more = decoder.push(logprobs.token().id());
        unsent.add(ScoredToken.of(logprobs, tokenText, more, decoded));
        decoded += more.length();
    }

    /** Adds text. Returns it with the tokens whose text begins in it or before it. */
    Growth text(String more) {
        text.append(more);
        return new Growth(more, upTo(text.length()));
    }

    /** Ends the choice, and gives the rest: tokens that added no text. */
    Growth finish(FinishReason reason, int drawn) {
        finish = Optional.of(reason);
        tokens = drawn;
        if (reason == FinishReason.EOS) {
            unsent.pollLast(); // the token that ends a text is not part of the text
        }
        return new Growth("", upTo(reason == FinishReason.STOP ? text.length() : Integer.MAX_VALUE));
    }

    private List<ScoredToken> upTo(int length) {
        List<ScoredToken> now = new ArrayList<>();
        while (!unsent.isEmpty() && unsent.peek().offset() < length) {
            now.add(unsent.poll());
        }
        sent.addAll(now);
        return now;
    }

    /** Ends a choice that is only an echoed prompt. */
    void end() {
        finish = Optional.of(FinishReason.LENGTH);
    }

    String text() {
        return text.toString();
    }

    List<ScoredToken> tokens() {
        return sent;
    }

    boolean isFinished() {
        return finish.isPresent();
    }

    /** {@code stop} or {@code length}; only once it is finished. */
    String finishReason() {
        return finish.orElseThrow() == FinishReason.LENGTH ? "length" : "stop";
    }

    /** Tokens that were drawn, the one that ended the text included; 0 before it is finished. */
    int drawn() {
        return tokens;
    }
}
