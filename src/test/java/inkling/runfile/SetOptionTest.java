package inkling.runfile;

import static inkling.runfile.ConfigCases.SHORTEST;
import static inkling.runfile.ConfigCases.error;
import static inkling.runfile.ConfigCases.parse;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import inkling.model.LoraConfig;
import inkling.tokenizer.TokenizerConfig.CharTokenizerConfig;
import inkling.tokenizer.TokenizerConfig.Fit;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SetOptionTest {
    @Test
    void changesOneKeyAndLeavesItsNeighbours() {
        RunConfig config = parse(SHORTEST + "train: {max_steps: 7, batch_size: 3}\n", "train.max_steps=9", "optimizer.beta2=0.99");
        assertEquals(9, config.train().maxSteps());
        assertEquals(3, config.train().batchSize());
        assertEquals(1.0, config.optimizer().maxGradNorm());
    }

    @Test
    void aLaterOptionWins() {
        assertEquals(2, parse(SHORTEST, "seed=1", "seed=2").seed());
    }

    @Test
    void aValueMayBeAMappingOrAList() {
        RunConfig config = parse(SHORTEST, "data.tokenizer={type: char, fit: all}", "data.train=[a, b]");
        assertEquals(Optional.of(new CharTokenizerConfig(Fit.ALL)), config.data().tokenizer());
        assertEquals(List.of("a", "b"), config.data().train());
    }

    @Test
    void aPathThroughNullMakesTheSection() {
        RunConfig config = parse(SHORTEST + "finetune: {lora: null}\n", "model.init_from=other", "finetune.lora.rank=4");
        assertEquals(Optional.of(new LoraConfig(4, 16, 0, List.of("attn.c_attn"))), config.finetune().lora());
    }

    @Test
    void aValueMayHoldEqualsSignsAndSpaces() {
        assertEquals("a = b", parse(SHORTEST, "train.sample.prompt=a = b").train().sample().orElseThrow().prompt());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "train.max_steps     | --set train.max_steps: write a key and a value, e.g. --set train.max_steps=100.",
        "=3                  | --set =3: write a key and a value",
        "train..max_steps=3  | --set train..max_steps=3: write a key and a value",
        "train.max_steps=    | --set train.max_steps=: the value is missing. Write null for none",
        "train.max_steps=[1  | --set train.max_steps=[1: not valid YAML: while parsing a flow sequence",
        "train.max_steps=abc | --set train.max_steps=abc: train: max_steps = abc is text, a whole number is expected",
        "train.max_step=3    | --set train.max_step=3: train: unknown key max_step. Did you mean max_steps?",
        "trian.max_steps=3   | --set trian.max_steps=3: unknown key trian. Did you mean train?",
        "name.x=3            | --set name.x=3: name = {…} must be text.",
        "data.train.0=x      | --set data.train.0=x: data: train = {…} is a mapping, a list is expected.",
        "model.n_head=5      | --set model.n_head=5: model: n_head = 5 does not divide n_embd = 128",
        "seed=!!int 3        | --set seed=!!int 3: tag:yaml.org,2002:int is a tag"})
    void whatIsWrongNamesTheOption(String option, String expected) {
        String message = error(SHORTEST, option);
        assertTrue(message.startsWith(expected), message);
    }

    @Test
    void allWrongOptionsAreToldAtOnce() {
        assertEquals(2, error(SHORTEST, "a", "seed=2", "b").lines().count());
    }
}
