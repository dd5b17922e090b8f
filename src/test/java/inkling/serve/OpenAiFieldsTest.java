package inkling.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import inkling.Says;
import inkling.serve.TestServer.Answer;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the fields of a request do: each counts, has no effect, or is refused by name. */
class OpenAiFieldsTest extends OpenAiRequests {
    @Test void optionalFieldsMayBeNull() {
        String nulls = List.of("temperature", "top_p", "n", "stop", "seed", "logit_bias", "frequency_penalty", "presence_penalty", "stream",
            "stream_options", "logprobs", "top_logprobs", "response_format", "tools", "tool_choice", "user", "store", "metadata",
            "max_completion_tokens", "modalities", "audio", "prediction", "web_search_options", "functions", "parallel_tool_calls",
            "service_tier", "reasoning_effort").stream().map(field -> ",'" + field + "':null").collect(Collectors.joining());
        Answer answer = server.post(CHAT, "{'model':'gpt2','messages':[{'role':'user','content':'Hi','name':null}],'max_tokens':3" + nulls
            + "}");
        assertEquals(200, answer.status(), answer.text());
        assertEquals(200, server.post(TEXT, "{'model':'gpt2','prompt':'Hi','max_tokens':3,'suffix':null,'best_of':null,'echo':null,"
            + "'logprobs':null}").status());
    }

    @Test void fieldsThatTellOpenAiSomethingAreAccepted() {
        assertEquals(200, server.post(CHAT, chat(",'user':'u','store':false,'metadata':{'a':'b'},'parallel_tool_calls':true,"
            + "'service_tier':'auto','safety_identifier':'s','prompt_cache_key':'k','tools':[],'tool_choice':'none','modalities':['text'],"
            + "'response_format':{'type':'text'}")).status());
    }

    @ParameterizedTest
    @ValueSource(strings = {"'tools':[{'type':'function'}]", "'tool_choice':'auto'", "'functions':[{}]", "'modalities':['audio']",
        "'modalities':'audio'", "'audio':{}", "'prediction':{}", "'web_search_options':{}", "'response_format':{'type':'json_object'}",
        "'response_format':{'type':'json_schema'}",
        "'reasoning_effort':'low'", "'temprature':1", "'suffix':'x'"})
    void whatIsNotSupportedIsRefusedByName(String field) {
        String name = field.substring(1, field.indexOf('\'', 1));
        Answer answer = refused(400, CHAT, chat("," + field));
        assertEquals(name, answer.json().get("error").get("param").asText());
        assertTrue(answer.json().get("error").get("message").asText().contains(name));
    }

    @Test void aMisspelledFieldIsToldTheRightOne() {
        Says.says(refused(400, CHAT, chat(",'temprature':1")).text(), "temprature", "temperature");
    }

    @Test void stopIsATextOrAList() {
        String whole = ok(TEXT, text(",'temperature':0")).get("choices").get(0).get("text").asText();
        String stop = whole.substring(4, 7);
        for (String form : List.of("'" + escaped(stop) + "'", "['" + escaped(stop) + "','never seen']")) {
            JsonNode choice = ok(TEXT, text(",'temperature':0,'stop':" + form)).get("choices").get(0);
            assertEquals(whole.substring(0, whole.indexOf(stop)), choice.get("text").asText());
            assertEquals("stop", choice.get("finish_reason").asText());
        }
    }

    /** Stop strings that begin at every third character of the text, wherever tokens begin and end. */
    @Tag("thorough")
    @Test void aStopStringAcrossTokensNeitherLeaksNorSwallowsTextBeforeIt() {
        String more = ",'temperature':0,'cache_prompt':false";
        String whole = ok(TEXT, "{'model':'gpt2','prompt':'The old','max_tokens':24,'seed':1" + more + "}")
            .get("choices").get(0).get("text").asText();
        for (int from = 0; from + 5 <= whole.length(); from += 3) {
            String stop = escaped(whole.substring(from, from + 5));
            String asked = "{\"model\":\"gpt2\",\"prompt\":\"The "
                + "old\",\"max_tokens\":24,\"seed\":1,\"temperature\":0,\"cache_prompt\":false,"
                + "\"logprobs\":0,\"stop\":\"" + stop + "\"";
            String expected = whole.substring(0, whole.indexOf(whole.substring(from, from + 5)));
            assertEquals(expected, ok(TEXT, asked + "}").get("choices").get(0).get("text").asText());
            List<JsonNode> events = server.events(TEXT, asked + ",\"stream\":true}");
            assertEquals(expected, streamed(events));
            assertEquals("stop", events.get(events.size() - 1).get("choices").get(0).get("finish_reason").asText());
        }
    }

    @Test void contentMayComeInPartsAndTheDeveloperIsTheSystem() {
        String one = "{'model':'gpt2','max_tokens':6,'seed':1,'cache_prompt':false,'messages':";
        assertEquals(content(one + "[{'role':'user','content':'Hello'}]}"),
            content(one + "[{'role':'user','content':[{'type':'text','text':'Hel'},{'type':'text','text':'lo'}]}]}"));
        assertEquals(content(one + "[{'role':'system','content':'Be'},{'role':'user','content':'Hello'}]}"),
            content(one + "[{'role':'developer','content':'Be'},{'role':'user','content':'Hello'}]}"));
        assertEquals("messages[0].content[0].type", refused(400, CHAT, one + "[{'role':'user','content':[{'type':'image_url'}]}]}").json()
            .get("error").get("param").asText());
        for (String role : List.of("tool", "function", "nobody")) {
            assertEquals("messages[0].role", refused(400, CHAT, one + "[{'role':'" + role + "','content':'x'}]}").json().get("error")
                .get("param").asText());
        }
    }

    private String content(String json) {
        Answer answer = server.post(CHAT, json);
        assertEquals(200, answer.status(), answer.text());
        return answer.json().get("choices").get(0).get("message").get("content").asText();
    }

    @Test void anAnswerSentBackAsAMessageIsAccepted() {
        assertEquals(200, server.post(CHAT, "{'model':'gpt2','max_tokens':2,'messages':[{'role':'user','content':'a'},{'role':'assistant',"
            + "'content':'b','refusal':null,'annotations':[],'tool_calls':[]},{'role':'user','content':'c'}]}").status());
        refused(400, CHAT, "{'model':'gpt2','max_tokens':2,'messages':[{'role':'assistant','content':'b','refusal':'no'}]}");
    }

    @Test void theNewerNameOfMaxTokensOverridesTheOlder() {
        assertEquals(3, ok(CHAT, chat(",'max_completion_tokens':3")).get("usage").get("completion_tokens").asInt());
    }

    @Test void streamOptionsNeedAStream() {
        assertEquals("stream_options", refused(400, CHAT, chat(",'stream_options':{'include_usage':true}")).json().get("error")
            .get("param").asText());
    }

    @Test void temperatureZeroIsGreedyAndASeedRepeats() {
        String greedy = ",'temperature':0,'cache_prompt':false";
        assertEquals(ok(TEXT, text(greedy)).get("choices"), ok(TEXT, text(greedy).replace("'seed':1", "'seed':77")).get("choices"));
        String drawn = ",'temperature':2,'cache_prompt':false";
        String longer = text(drawn).replace("'max_tokens':8", "'max_tokens':30");
        assertEquals(ok(TEXT, longer).get("choices"), ok(TEXT, longer).get("choices"));
        assertNotEquals(ok(TEXT, longer).get("choices"), ok(TEXT, longer.replace("'seed':1", "'seed':3")).get("choices"));
    }

    @Test void aDrawnSeedIsTold() {
        JsonNode first = ok(TEXT, "{'model':'gpt2','prompt':'The old man','max_tokens':8,'temperature':2,'cache_prompt':false}");
        JsonNode again = ok(TEXT, "{'model':'gpt2','prompt':'The old man','max_tokens':8,'temperature':2,'cache_prompt':false,'seed':"
            + first.get("inkling").get("seed") + "}");
        assertEquals(first.get("choices"), again.get("choices"));
    }

    @Test void aBiasForbidsAndForces() {
        JsonNode greedy = ok(TEXT, text(",'temperature':0,'logprobs':0")).get("choices").get(0);
        String first = greedy.get("logprobs").get("tokens").get(0).asText();
        int id = ok("/tokenize", "{'model':'gpt2','content':'" + first + "','add_special':false}").get("tokens").get(0).asInt();
        JsonNode without = ok(TEXT, text(",'temperature':0,'logprobs':5,'logit_bias':{'" + id + "':-100}")).get("choices").get(0);
        without.get("logprobs").get("tokens").forEach(token -> assertNotEquals(first, token.asText()));
        JsonNode forced = ok(TEXT, text(",'logit_bias':{'42':100}")).get("choices").get(0);
        assertEquals(ok("/detokenize", "{'model':'gpt2','tokens':[42,42,42,42,42,42,42,42]}").get("content"), forced.get("text"));
    }

    @Test void penaltiesOnTheOutputChangeIt() {
        String plain = ok(TEXT, "{'model':'gpt2','prompt':'The','max_tokens':40,'temperature':0}").get("choices").get(0).get("text")
            .asText();
        for (String field : List.of("frequency_penalty", "presence_penalty")) {
            assertNotEquals(plain, ok(TEXT, "{'model':'gpt2','prompt':'The','max_tokens':40,'temperature':0,'" + field + "':2}")
                .get("choices").get(0).get("text").asText());
        }
    }

    @Test void noLogprobIsEverInfinite() {
        String json = server.post(TEXT, text(",'top_k':1,'logprobs':5,'logit_bias':{'5':-100}")).text();
        assertFalse(json.contains("Infinity") || json.contains("NaN"), json);
        assertEquals(200, server.post(CHAT, chat(",'logprobs':true")).status());
        JsonNode content = ok(CHAT, chat(",'logprobs':true,'top_logprobs':20")).get("choices").get(0).get("logprobs").get("content");
        assertEquals(8, content.size());
        assertEquals(20, content.get(0).get("top_logprobs").size());
        assertTrue(content.get(0).get("bytes").get(0).isInt());
        assertTrue(ok(CHAT, chat(",'logprobs':true")).get("choices").get(0).get("logprobs").get("content").get(0)
            .get("top_logprobs").isEmpty());
        refused(400, CHAT, chat(",'top_logprobs':2"));
    }
}
