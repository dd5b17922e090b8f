package inkling.serve.batch;

import inkling.generate.Candidates;
import inkling.generate.DrawnToken;
import inkling.generate.Generation;
import inkling.generate.Generator;
import inkling.generate.SampleInProgress;
import inkling.serve.batch.Sequences.Sequence;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Work that has its slots: first its prompt is read, chunk by chunk, then its samples grow, each in a lane. */
final class Running {
    /** A sample and the sequence that it continues. */
    record Lane(Running of, SampleInProgress sample, Sequence sequence) {
        /** The tokens that the sequence has read: all but the one drawn last. */
        int[] tokens() {
            return Arrays.copyOf(sample.last(Integer.MAX_VALUE), sequence.length());
        }
    }

    private final Work work;
    private final long arrived;
    private final BatchFigures figures;
    private final Sequence reading;
    private final int cached;
    private final List<Lane> lanes = new ArrayList<>();
    private boolean grows;

    /**
     * @param arrived {@link System#nanoTime} then
     * @param reading has read as many tokens of the prompt as it is long
     */
    Running(Work work, long arrived, Sequence reading, BatchFigures figures) {
        this.work = work;
        this.arrived = arrived;
        this.reading = reading;
        this.cached = reading.length();
        this.figures = figures;
    }

    Work work() {
        return work;
    }

    Sequence reading() {
        return reading;
    }

    /** Whether the prompt is read. */
    boolean grows() {
        return grows;
    }

    boolean isExact() {
        return work.mode() == Work.Mode.EXACT;
    }

    /** At most {@code most} of the prompt's tokens that are not read yet. */
    int[] unread(int most) {
        int from = reading.length();
        return Arrays.copyOfRange(work.prompt(), from, isExact() ? work.prompt().length : Math.min(work.prompt().length, from + most));
    }

    /** Slots that it takes. */
    int slots() {
        return grows ? lanes.size() : work.options().samples();
    }

    /** Lanes with a sample that is not complete. */
    List<Lane> lanes() {
        return lanes;
    }

    boolean isComplete() {
        return grows && lanes.isEmpty();
    }

    /** The prompt is read: draws each sample's first token from the logits behind it. */
    void begin(float[] logits, Sequences sequences) {
        grows = true;
        figures.read(work.prompt().length, cached);
        work.receiver().begun(cached);
        List<SampleInProgress> samples = new ArrayList<>();
        for (int number = 0; number < work.options().samples(); number++) {
            SampleInProgress sample = work.prompts().begin(number, work.prompt(), work.options(), new Telling());
            sample.advance(logits);
            if (!sample.isComplete()) {
                samples.add(sample);
            }
        }
        for (SampleInProgress sample : samples) {
            boolean last = sample == samples.get(samples.size() - 1);
            lanes.add(new Lane(this, sample, last ? reading : sequences.copy(reading, work.prompt().length, work.room())));
        }
        figures.firstToken(System.nanoTime() - arrived);
    }

    /** All sequences that it holds, for who closes them. */
    List<Sequence> sequences() {
        return lanes.isEmpty() ? List.of(reading) : lanes.stream().map(Lane::sequence).toList();
    }

    /** Passes on what a sample makes. */
    private final class Telling implements Generator.Listener {
        @Override
        public void token(int sample, DrawnToken step, Candidates candidates) {
            figures.drawn();
            work.logprobs().ifPresent(n -> work.receiver().token(sample, TokenChances.of(candidates.logits(), step.id(), n)));
        }

        @Override
        public void text(int sample, String text) {
            work.receiver().text(sample, text);
        }

        @Override
        public void finished(int sample, Generation.Sample result) {
            figures.ended(false);
            work.receiver().finished(sample, result.finishReason(), result.ids().length);
        }
    }
}
