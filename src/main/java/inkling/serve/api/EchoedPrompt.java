package inkling.serve.api;

import inkling.generate.TokenText;
import inkling.inspect.TokenScores;
import inkling.run.LoadedModel;
import inkling.serve.api.GenerateRequest.Prompt;
import inkling.serve.api.ScoredToken.Piece;
import inkling.serve.api.ScoredToken.Scored;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A prompt that the answer repeats before the continuation ({@code echo} in a request).
 *
 * @param tokens the tokens of the prompt with their log-probabilities; empty if the request asked for no log-probabilities
 */
record EchoedPrompt(String text, List<ScoredToken> tokens) {
    static final EchoedPrompt NONE = new EchoedPrompt("", List.of());

    /** Reads the prompt once, as {@code inkling score} does. @param top how many of the likeliest tokens to tell at each position */
    static EchoedPrompt scored(Prompt prompt, ServedModel served, int top) {
        LoadedModel model = served.model();
        TokenText tokenText = model.tokenText();
        TokenScores scores = served.batcher().call(() ->
            TokenScores.of(model.gpt(), model.manager(), tokenText, prompt.ids(), top, TokenScores.LogitRows.NONE));
        TokenText.Stream decoder = tokenText.stream();
        List<ScoredToken> tokens = new ArrayList<>();
        int offset = 0;
        for (TokenScores.Position position : scores.positions()) {
            List<Scored> others = position.score().map(TokenScores.Score::top).orElse(List.of()).stream()
                .map(other -> new Scored(Piece.of(tokenText, other.id()), ScoredToken.finite(other.logprob()))).toList();
            Optional<Double> logprob = position.score().map(score -> ScoredToken.finite(score.logprob()));
            String text = decoder.push(position.id());
            tokens.add(new ScoredToken(position.id(), Piece.of(tokenText, position.id()), text, logprob, others,
                Math.min(offset, ScoredToken.characters(prompt.text()))));
            if (tokenText.tokenizer().filter(t -> position.id() < t.vocabSize() && t.bytes(position.id()).length > 0).isPresent()) {
                offset += ScoredToken.characters(text); // a token without bytes takes no characters of the text
            }
        }
        return new EchoedPrompt(prompt.text(), tokens);
    }
}
