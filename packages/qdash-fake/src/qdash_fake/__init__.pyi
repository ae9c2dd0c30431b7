from qdash_fake.chips import create_twin_chip as create_twin_chip
from qdash_fake.devices import DeviceTable as DeviceTable
from qdash_fake.devices import load_device as load_device
from qdash_fake.folders import twin_folder as twin_folder
from qdash_fake.pulse_level.laboratory import PulseTwin as PulseTwin
from qdash_fake.twin import Twin as Twin
from qdash_fake.twin import create_twin as create_twin
from qdash_fake.twin import load_twin as load_twin
