"""The `openai` package against the server whose address is the argument. Prints what it got, as one JSON object."""

import json
import sys

import openai

client = openai.OpenAI(base_url=sys.argv[1] + "v1", api_key="any", max_retries=0)
said = {}
hi = [{"role": "user", "content": "hi"}]
weather = [{"role": "user", "content": "the weather?"}]


def failure(ask):
    try:
        ask()
    except openai.APIError as error:
        return [type(error).__name__, error.code]


def complete(**more):
    return client.chat.completions.create(**{"model": "chat", "messages": hi, **more})


said["models"] = [model.id for model in client.models.list()]
said["completion"] = complete().choices[0].message.content
chunks = complete(stream=True, stream_options={"include_usage": True})
said["stream"] = [chunk.choices[0].delta.content if chunk.choices else chunk.usage.total_tokens for chunk in chunks]
call = complete(messages=weather).choices[0].message.tool_calls[0].function
said["call"] = [call.name, json.loads(call.arguments)]
with client.chat.completions.stream(model="chat", messages=weather) as stream:
    for event in stream:
        pass
    call = stream.get_final_completion().choices[0].message.tool_calls[0].function
said["streamed call"] = [call.name, json.loads(call.arguments)]
said["not found"] = failure(lambda: complete(model="none"))
said["rate limit"] = failure(lambda: complete(model="fail", messages=[{"role": "user", "content": "rate"}]))
said["cut"] = failure(lambda: list(complete(messages=[{"role": "user", "content": "cut"}], stream=True)))
said["response"] = client.responses.create(model="chat", input="hi").output_text
with client.responses.stream(model="chat", input="hi") as stream:
    for event in stream:
        pass
    said["streamed response"] = stream.get_final_response().output_text
with client.responses.stream(model="chat", input="the weather?") as stream:
    for event in stream:
        pass
    item = stream.get_final_response().output[0]
said["streamed item"] = [item.type, item.name, json.loads(item.arguments)]
print(json.dumps(said))
