import pytest


@pytest.fixture(autouse=True)
def each_test_has_its_own_storage(own_storage) -> None:
    pass
