package inkling.serve;

import inkling.generate.Generation.FinishReason;
import inkling.serve.batch.Receiver;
import inkling.serve.batch.TokenLogprobs;

/** Ignores the results of its work. Tests override what they look at. */
class SilentReceiver implements Receiver {
    @Override
    public void read(int tokens) {}

    @Override
    public void token(int sample, TokenLogprobs logprobs) {}

    @Override
    public void text(int sample, String text) {}

    @Override
    public void finished(int sample, FinishReason reason, int tokens) {}

    @Override
    public void complete(int cached) {}

    @Override
    public void failed(RuntimeException why) {}

    @Override
    public boolean isCancelled() {
        return false;
    }
}
