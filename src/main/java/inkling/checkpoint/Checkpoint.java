package inkling.checkpoint;

import inkling.formats.ChatTemplate;
import inkling.formats.ModelDirectory;
import inkling.formats.family.GenerationSettings;
import inkling.formats.peft.PeftAdapter;
import inkling.io.Content;
import inkling.model.Gpt;
import inkling.optim.OptimizerState;
import inkling.tokenizer.Tokenizer;
import inkling.tokenizer.huggingface.TokenizerFiles;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * One checkpoint of a run. With a checkpoint, the run's own files and its text, a run continues exactly ({@link Progress}). The model in a
 * checkpoint can also be used by itself.
 * <pre>
 * config.json, model.safetensors                   the model                                     {@link ModelDirectory}
 * adapter_config.json, adapter_model.safetensors   its adapters, if it has any                   {@link PeftAdapter}
 * tokenizer.json and what belongs to it            its tokenizer                                 {@link TokenizerFiles}
 * generation_config.json                           if the model that the run began from has one  {@link GenerationSettings}
 * chat_template.jinja                              if the model that the run began from has one  {@link ChatTemplate}
 * optimizer.safetensors, progress.json             how far the training has come                 {@link TrainingState}
 * manifest.json                                    the sha256 of all these                       {@link inkling.io.DurableFiles} adds it
 * </pre>
 * A checkpoint of {@code cluster train} has one more file, {@code cluster.json} ({@link WorkerStates}), which
 * {@code inkling.run.RunMilestones} adds.
 *
 * <p>{@link ModelDirectory} reads the model of a checkpoint, and {@link TrainingState} how far the training has come.
 *
 * @param generation what config.json and generation_config.json hold besides the architecture
 * @param template the chat template of the model that the run began from, if there is one
 * @param base the name of the model that the run fine-tunes, for PEFT's files; "" if there is no such model
 */
public record Checkpoint(Gpt gpt, Tokenizer tokenizer, GenerationSettings generation, Optional<ChatTemplate> template, String base,
                         OptimizerState optimizer, Progress progress) {
    /** The files by name, all but the manifest, ready to be written: {@code store.save(progress.step(), checkpoint.content())}. */
    public Map<String, Content> content() {
        Map<String, Content> files = new LinkedHashMap<>(ModelDirectory.content(gpt, generation));
        files.putAll(generation.files());
        TokenizerFiles.files(tokenizer).forEach((name, bytes) -> files.put(name, Content.of(bytes)));
        template.ifPresent(chat -> files.putAll(chat.files()));
        files.putAll(PeftAdapter.content(gpt, base));
        files.putAll(TrainingState.content(optimizer, progress));
        return files;
    }
}
