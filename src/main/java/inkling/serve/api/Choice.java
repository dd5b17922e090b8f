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
 * One answer of a request as it grows. Tokens and text arrive separately, because text is held back while it may be the beginning of a stop
 * string. A token is sent together with the piece of text in which the token's own text begins. A token whose text begins in a stop string
 * is not sent.
 */
final class Choice {
    /** What was added to a choice. */
    record Growth(String text, List<ScoredToken> tokens) {}

    private final int index;
    private final TokenText tokenText;
    private final List<Integer> ends;       // the ids that end the text
    private final TokenText.Stream decoder;
    private final StringBuilder text = new StringBuilder();
    private final List<ScoredToken> sent = new ArrayList<>();
    private final Deque<ScoredToken> unsent = new ArrayDeque<>();
    private int length;                     // of text, in characters as ScoredToken counts them
    private int decoded;                    // length, plus the characters that are decoded and not yet in text
    private Optional<FinishReason> finish = Optional.empty();
    private int drawn;

    Choice(int index, int[] prompt, GenerateRequest request, EchoedPrompt echo) {
        this.index = index;
        this.tokenText = request.model().model().tokenText();
        this.ends = request.options().ignoreEos() ? List.of() : request.reading().special().ends();
        this.decoder = tokenText.streamBehind(prompt);
        this.length = ScoredToken.characters(echo.text());
        this.decoded = length;
        this.text.append(echo.text());
        this.sent.addAll(echo.tokens());
    }

    int index() {
        return index;
    }

    /** Adds a drawn token, unless it ends the text. {@link #text(String)} or {@link #finish} returns the token
     * once its text has come. */
    void token(TokenLogprobs logprobs) {
        if (ends.contains(logprobs.token().id())) {
            return;
        }
        String more = decoder.push(logprobs.token().id());
        unsent.add(ScoredToken.of(logprobs, tokenText, more, decoded));
        decoded += ScoredToken.characters(more);
    }

    /** Adds {@code more} to the text. Returns {@code more}, with the unsent tokens whose text begins in it or before it. */
    Growth text(String more) {
        text.append(more);
        length += ScoredToken.characters(more);
        return new Growth(more, upTo(length));
    }

    /**
     * Ends the choice. Returns the tokens that are still unsent, such as tokens without text. Leaves out tokens that a stop string cut off.
     */
    Growth finish(FinishReason reason, int drawn) {
        finish = Optional.of(reason);
        this.drawn = drawn;
        return new Growth("", upTo(reason == FinishReason.STOP ? length : Integer.MAX_VALUE));
    }

    private List<ScoredToken> upTo(int end) {
        List<ScoredToken> now = new ArrayList<>();
        while (!unsent.isEmpty() && unsent.peek().offset() < end) {
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

    /** {@code stop} or {@code length}. To be called only when the choice is finished. */
    String finishReason() {
        return finish.orElseThrow() == FinishReason.LENGTH ? "length" : "stop";
    }

    /** How many tokens were drawn, including the token that ended the text; 0 before the choice is finished. */
    int drawn() {
        return drawn;
    }
}
