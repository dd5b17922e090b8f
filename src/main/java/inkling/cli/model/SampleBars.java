package inkling.cli.model;

import inkling.cli.terminal.Console;
import inkling.errors.Printable;
import inkling.generate.Candidates;
import inkling.generate.DrawnToken;
import inkling.generate.Generation;
import inkling.generate.Generator;
import inkling.generate.TokenText;
import inkling.inspect.DistributionBars;
import java.util.HashMap;
import java.util.Map;

/**
 * Prints the distribution that each token of a sample was drawn from. Once a sample is complete, prints its text, if there is a tokenizer.
 */
final class SampleBars implements Generator.Listener {
    private final DistributionBars bars;
    private final PromptEcho echo;
    private final Map<Integer, Integer> numbers = new HashMap<>();   // how many tokens each sample has so far
    private final SamplesInOrder inOrder = new SamplesInOrder();

    SampleBars(TokenText tokenText, PromptEcho echo) {
        this.echo = echo;
        DistributionBars.TerminalStyle plain = DistributionBars.TerminalStyle.PLAIN;
        bars = new DistributionBars(tokenText, new DistributionBars.TerminalStyle(plain.width(), Console.isTerminal(), plain.unicode()));
    }

    @Override
    public void token(int sample, DrawnToken step, Candidates candidates) {
        int number = numbers.merge(sample, 1, Integer::sum);
        bars.lines(number, step).forEach(line -> inOrder.say(sample, line + System.lineSeparator()));
    }

    @Override
    public void finished(int sample, Generation.Sample result) {
        String end = System.lineSeparator();
        inOrder.end(sample, end + result.text().map(text -> echo.before(sample) + Printable.text(text) + end + end).orElse(""));
    }
}
