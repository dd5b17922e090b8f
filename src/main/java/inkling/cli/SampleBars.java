package inkling.cli;

import inkling.inspect.DistributionBars;
import inkling.io.Printable;
import inkling.sample.Candidates;
import inkling.sample.Generation;
import inkling.sample.Generator;
import inkling.sample.Pieces;
import inkling.sample.Step;

/** Prints the distribution behind each token as it is drawn, and the text once a sample is complete. */
final class SampleBars implements Generator.Listener {
    private final DistributionBars bars;
    private int number;

    SampleBars(Pieces pieces) {
        DistributionBars.Look plain = DistributionBars.Look.PLAIN;
        bars = new DistributionBars(pieces, new DistributionBars.Look(plain.width(), Console.isTerminal(), plain.unicode()));
    }

    @Override
    public void token(int sample, Step step, Candidates candidates) {
        bars.lines(++number, step).forEach(Console.out()::println);
    }

    @Override
    public void finished(int sample, Generation.Sample result) {
        number = 0;
        Console.out().println();
        result.text().ifPresent(text -> Console.out().println(Printable.text(text) + "\n"));
    }
}
