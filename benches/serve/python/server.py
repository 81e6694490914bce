"""A prompt, a model and a parser, served by LangServe: `server.py <url of the simulator>`. It prints its address."""

import socket
import sys

import uvicorn
from fastapi import FastAPI
from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.runnables import RunnableLambda
from langchain_openai import ChatOpenAI
from langserve import add_routes

model = ChatOpenAI(model="gpt-4o-mini", base_url=sys.argv[1], api_key="simulated")
prompt = ChatPromptTemplate.from_template("Answer in one sentence: {question}")
chain = (RunnableLambda(lambda question: {"question": question}).with_types(input_type=str) | prompt | model | StrOutputParser()).with_types(
    input_type=str, output_type=str
)
app = FastAPI()
add_routes(app, chain, path="/asks")

# With this protocol named, asyncio sends each piece at once, as it does when uvicorn itself listens.
listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
listener.bind(("127.0.0.1", 0))
print("%s:%d" % listener.getsockname(), flush=True)
uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False)).run(sockets=[listener])
