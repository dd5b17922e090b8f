package inkling.compat.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.http.StreamResponse;
import com.openai.errors.BadRequestException;
import com.openai.errors.NotFoundException;
import com.openai.helpers.ChatCompletionAccumulator;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.chat.completions.ChatCompletionStreamOptions;
import com.openai.models.completions.Completion;
import com.openai.models.completions.CompletionCreateParams;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** OpenAI's own client for Java; it checks answers more strictly than the other clients. */
@Timeout(value = 240, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class OpenAiJavaTest {
    private static Served served;
    private static OpenAIClient client;

    @BeforeAll static void start() {
        served = new Served();
        client = OpenAIOkHttpClient.builder().baseUrl(served.address() + "/v1").apiKey("none").maxRetries(0).build();
    }

    @AfterAll static void stop() {
        client.close();
        served.close();
    }

    private static ChatCompletionCreateParams.Builder hello() {
        return ChatCompletionCreateParams.builder().model(Served.MODEL).addUserMessage("Hello").temperature(0).seed(1)
            .maxCompletionTokens(12);
    }

    @Test void aStreamAccumulatesToTheWholeAnswer() {
        ChatCompletion whole = client.chat().completions().create(hello().build()).validate();
        ChatCompletionAccumulator accumulator = ChatCompletionAccumulator.create();
        try (StreamResponse<ChatCompletionChunk> stream = client.chat().completions().createStreaming(hello()
            .streamOptions(ChatCompletionStreamOptions.builder().includeUsage(true).build()).build())) {
            stream.stream().forEach(chunk -> accumulator.accumulate(chunk.validate()));
        }
        ChatCompletion streamed = accumulator.chatCompletion();
        assertFalse(whole.choices().get(0).message().content().orElseThrow().isEmpty());
        assertEquals(whole.choices().get(0).message().content(), streamed.choices().get(0).message().content());
        assertEquals(ChatCompletion.Choice.FinishReason.LENGTH, streamed.choices().get(0).finishReason());
        assertEquals(12, whole.usage().orElseThrow().completionTokens());
        assertEquals(12, streamed.usage().orElseThrow().completionTokens());
    }

    @Test void logprobsOfChatsAndOfTextsAreRead() {
        ChatCompletion chat = client.chat().completions().create(hello().logprobs(true).topLogprobs(4).build()).validate();
        assertEquals(4, chat.choices().get(0).logprobs().orElseThrow().content().orElseThrow().get(0).topLogprobs().size());
        Completion text = client.completions().create(CompletionCreateParams.builder().model(Served.MODEL).prompt("The old man")
            .maxTokens(4)
            .temperature(0.0).logprobs(2).echo(true).build());
        assertTrue(text.choices().get(0).text().startsWith("The old man"));
        assertEquals(text.choices().get(0).logprobs().orElseThrow().tokens().orElseThrow().size(),
            text.choices().get(0).logprobs().orElseThrow().textOffset().orElseThrow().size());
    }

    @Test void errorsAreExceptionsOfTheClient() {
        NotFoundException other = assertThrows(NotFoundException.class,
            () -> client.chat().completions().create(hello().model("other").build()));
        assertEquals("model_not_found", other.code().orElseThrow());
        BadRequestException hot = assertThrows(BadRequestException.class, () ->
            client.chat().completions().create(hello().temperature(3).build()));
        assertEquals("temperature", hot.param().orElseThrow());
        assertThrows(BadRequestException.class, () -> client.chat().completions().createStreaming(hello().temperature(3).build()));
    }

    @Test void aStreamThatIsClosedEndsTheText() {
        StreamResponse<ChatCompletionChunk> stream = client.chat().completions().createStreaming(hello().maxCompletionTokens(60).build());
        assertTrue(stream.stream().findFirst().isPresent());
        stream.close();
        while (served.busy() > 0) {
            Thread.onSpinWait();
        }
    }
}
