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

/** Prints the distribution behind each token of a sample, and its text once it is complete. */
final class SampleBars implements Generator.Listener {
    private final DistributionBars bars;
    private final PromptEcho echo;
    private final Map<Integer, Integer> numbers = new HashMap<>();
    private final Turns turns = new Turns();

    SampleBars(TokenText pieces, PromptEcho echo) {
        this.echo = echo;
        DistributionBars.Look plain = DistributionBars.Look.PLAIN;
        bars = new DistributionBars(pieces, new DistributionBars.Look(plain.width(), Console.isTerminal(), plain.unicode()));
    }

    @Override
    public void token(int sample, DrawnToken step, Candidates candidates) {
        int number = numbers.merge(sample, 1, Integer::sum);
        bars.lines(number, step).forEach(line -> turns.say(sample, line + System.lineSeparator()));
    }

    @Override
    public void finished(int sample, Generation.Sample result) {
        String end = System.lineSeparator();
        turns.end(sample, end + result.text().map(text -> echo.before(sample) + Printable.text(text) + end + end).orElse(""));
    }
}
