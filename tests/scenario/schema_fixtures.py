"""Plug-in of the schema's tests: one cluster for all of them, a database of its own for each."""

import psycopg2
import pytest

from schema_database import Cluster, schema


@pytest.fixture(scope="session")
def cluster(tmp_path_factory):
    made = Cluster(tmp_path_factory.mktemp("cluster"))
    yield made
    made.remove()


@pytest.fixture(scope="session")
def deployed(cluster):
    """Name of a template database with the whole schema."""
    cluster.sql("CREATE DATABASE whole")
    schema("deploy", cluster.url_of("whole"))
    return "whole"


@pytest.fixture
def empty_url(cluster):
    return cluster.database()


@pytest.fixture
def url(cluster, deployed):
    return cluster.database(deployed)


@pytest.fixture
def db(url):
    connection = psycopg2.connect(url)
    yield connection
    connection.close()
